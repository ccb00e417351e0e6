#include "emulator/picture.h"

#include <png.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "emulator/font.h"

namespace wanspool::emulator {
namespace {

struct Colour {
  double red = 0;
  double green = 0;
  double blue = 0;
};

Colour mix(Colour a, Colour b, double share) {
  return {a.red + (b.red - a.red) * share, a.green + (b.green - a.green) * share,
          a.blue + (b.blue - a.blue) * share};
}

// Hue in turns; saturation and value from 0 to 1.
Colour hsv(double hue, double saturation, double value) {
  auto const channel = [&](double shift) {
    auto const k = std::fmod(shift + hue * 6, 6);
    return value - value * saturation * std::clamp(std::min(k, 4 - k), 0.0, 1.0);
  };
  return {channel(5), channel(3), channel(1)};
}

// The palette: 64 steps of sky, 4 steps of sun, three hills of 16 steps; the upper half holds the same
// colours darkened, so that setting one bit lays a shade over whatever is there.
constexpr std::uint8_t kSky = 0;
constexpr int kSkySteps = 64;
constexpr std::uint8_t kSun = 64;
constexpr int kSunSteps = 4;
constexpr std::uint8_t kHill = 72;
constexpr int kHillSteps = 16;
constexpr int kHills = 3;
constexpr std::uint8_t kShade = 0x80;
constexpr std::uint8_t kInk = 0xff;
constexpr std::uint8_t kFaintInk = 0xfe;

// Draws fractions of one hash, each used once.
class Chance {
 public:
  explicit Chance(std::uint64_t hash) : state_{hash} {}
  double operator()(double from, double to) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return from + (to - from) * static_cast<double>(state_ >> 40) / static_cast<double>(1u << 24);
  }

 private:
  std::uint64_t state_;
};

class Canvas {
 public:
  explicit Canvas(Size size)
      : width_{size.width},
        height_{size.height},
        dots_(static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_)) {}

  std::uint8_t* row(int y) {
    return dots_.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(width_);
  }
  int width() const { return width_; }
  int height() const { return height_; }
  std::array<Colour, 256>& palette() { return palette_; }

  void span(int y, int from, int to, std::uint8_t colour) {
    from = std::max(from, 0);
    to = std::min(to, width_);
    if (y >= 0 && y < height_ && from < to)
      std::memset(row(y) + from, colour, static_cast<std::size_t>(to - from));
  }
  void shade(int x, int y, int width, int height) {
    for (int line = std::max(y, 0); line < std::min(y + height, height_); ++line)
      for (int dot = std::max(x, 0); dot < std::min(x + width, width_); ++dot) row(line)[dot] |= kShade;
  }
  void write(std::u32string const& line, int x, int y, int scale, std::uint8_t ink) {
    for (auto const letter : line) {
      auto const& rows = glyph(letter);
      auto const top = y + drop(letter) * scale;
      for (int at = 0; at < 7 * scale; ++at)
        for (int column = 0; column < 5; ++column)
          if (rows[static_cast<std::size_t>(at / scale)] >> (4 - column) & 1)
            span(top + at, x + column * scale, x + (column + 1) * scale, ink);
      x += 6 * scale;
    }
  }

 private:
  int width_;
  int height_;
  std::vector<std::uint8_t> dots_;
  std::array<Colour, 256> palette_{};
};

void choose_colours(Canvas& canvas, Chance& chance) {
  auto const hue = chance(0, 1);
  auto const top = hsv(hue, chance(0.45, 0.75), chance(0.35, 0.7));
  auto const horizon = hsv(std::fmod(hue + chance(0.05, 0.2), 1), chance(0.25, 0.5), chance(0.9, 1));
  auto const sun = hsv(std::fmod(hue + chance(0.3, 0.6), 1), 0.25, 1);
  auto const ground = hsv(std::fmod(hue + chance(0.35, 0.65), 1), chance(0.4, 0.7), chance(0.25, 0.4));
  auto& palette = canvas.palette();
  for (int i = 0; i < kSkySteps; ++i)
    palette[static_cast<std::size_t>(kSky + i)] = mix(top, horizon, i / double{kSkySteps - 1});
  for (int i = 0; i < kSunSteps; ++i)
    palette[static_cast<std::size_t>(kSun + i)] = mix(horizon, sun, (i + 1) / double{kSunSteps});
  for (int hill = 0; hill < kHills; ++hill)
    for (int i = 0; i < kHillSteps; ++i)
      palette[static_cast<std::size_t>(kHill + hill * kHillSteps + i)] =
          mix(mix(horizon, ground, (hill + 1) / double{kHills}), ground, 0.5 * i / kHillSteps);
  for (std::size_t i = 0; i < kShade; ++i) palette[i + kShade] = mix(palette[i], {0.05, 0.06, 0.1}, 0.62);
  palette[kInk] = {1, 1, 1};
  palette[kFaintInk] = {0.85, 0.87, 0.9};
}

void paint_sky(Canvas& canvas, Chance& chance) {
  for (int y = 0; y < canvas.height(); ++y)
    canvas.span(y, 0, canvas.width(), static_cast<std::uint8_t>(kSky + y * kSkySteps / canvas.height()));
  auto const x = chance(0.15, 0.85) * canvas.width();
  auto const y = chance(0.15, 0.4) * canvas.height();
  auto const radius = chance(0.06, 0.12) * std::min(canvas.width(), canvas.height());
  for (int ring = 0; ring < kSunSteps; ++ring) {
    auto const size = radius * (1 + 0.25 * (kSunSteps - 1 - ring));
    for (auto line = static_cast<int>(y - size); line <= y + size; ++line) {
      auto const half = std::sqrt(std::max(0.0, size * size - (line - y) * (line - y)));
      canvas.span(line, static_cast<int>(x - half), static_cast<int>(x + half),
                  static_cast<std::uint8_t>(kSun + ring));
    }
  }
}

void fill_below(Canvas& canvas, std::vector<int> const& tops, int first) {
  auto const step = std::max(1, canvas.height() / (2 * kHillSteps));
  for (int y = *std::min_element(tops.begin(), tops.end()); y < canvas.height(); ++y) {
    auto* const row = canvas.row(y);
    for (std::size_t x = 0; x < tops.size(); ++x)
      if (y >= tops[x])
        row[x] = static_cast<std::uint8_t>(first + std::min(kHillSteps - 1, (y - tops[x]) / step));
  }
}

void paint_hills(Canvas& canvas, Chance& chance) {
  for (int hill = 0; hill < kHills; ++hill) {
    auto const base = canvas.height() * (0.5 + 0.16 * hill);
    auto const swing = canvas.height() * chance(0.03, 0.08);
    auto const wave = chance(1, 3) * 6.283 / canvas.width();
    auto const phase = chance(0, 6.283);
    std::vector<int> tops(static_cast<std::size_t>(canvas.width()));
    for (int x = 0; x < canvas.width(); ++x) {
      auto const crest =
          base + swing * (std::sin(wave * x + phase) + 0.4 * std::sin(2.7 * wave * x + 2 * phase));
      tops[static_cast<std::size_t>(x)] = std::clamp(static_cast<int>(crest), 0, canvas.height());
    }
    fill_below(canvas, tops, kHill + hill * kHillSteps);
  }
}

// The largest letters with which the words fill at most half of the height; too long a text ends in dots.
void write_words(Canvas& canvas, std::string const& words) {
  auto const text = letters(words);
  auto const room = canvas.width() * 8 / 10;
  auto const most = std::max(1, canvas.width() / 110);
  for (int scale = most; scale >= 1; --scale) {
    auto const per_line = std::max(1, room / (6 * scale));
    auto lines = wrapped(text, static_cast<std::size_t>(per_line));
    auto const fits = static_cast<std::size_t>(std::max(1, canvas.height() / 2 / (10 * scale)));
    if (lines.size() > fits && scale > std::max(1, most / 3)) continue;
    if (lines.size() > fits) {
      lines.resize(fits);
      lines.back() = lines.back().substr(0, lines.back().size() > 3 ? lines.back().size() - 3 : 0) + U"...";
    }
    auto const height = static_cast<int>(lines.size()) * 10 * scale;
    auto y = (canvas.height() - height) / 2;
    canvas.shade(canvas.width() / 20, y - 6 * scale, canvas.width() * 18 / 20, height + 9 * scale);
    for (auto const& line : lines) {
      canvas.write(line, (canvas.width() - static_cast<int>(line.size()) * 6 * scale) / 2, y, scale, kInk);
      y += 10 * scale;
    }
    return;
  }
}

void write_caption(Canvas& canvas, std::string const& caption) {
  auto const text = letters(caption);
  auto const scale = std::clamp(canvas.width() / (6 * static_cast<int>(text.size() + 4)), 1, 3);
  auto const height = 13 * scale;
  canvas.shade(0, canvas.height() - height, canvas.width(), height);
  canvas.write(text, 6 * scale, canvas.height() - 10 * scale, scale, kFaintInk);
}

void put_bytes(png_structp png, png_bytep bytes, png_size_t count) {
  static_cast<std::string*>(png_get_io_ptr(png))->append(reinterpret_cast<char const*>(bytes), count);
}

[[noreturn]] void complain(png_structp, png_const_charp message) {
  std::fprintf(stderr, "libpng cannot write a picture: %s\n", message);
  std::abort();  // no exception may pass through a C library
}

struct Writer {
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, complain, nullptr);
  png_infop info = png_create_info_struct(png);
  std::string out;

  explicit Writer(Size size, int depth, int kind) {
    png_set_write_fn(png, &out, put_bytes, nullptr);
    png_set_compression_level(png, 1);
    png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
    png_set_IHDR(png, info, static_cast<png_uint_32>(size.width), static_cast<png_uint_32>(size.height),
                 depth, kind, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  }
  Writer(Writer const&) = delete;
  Writer& operator=(Writer const&) = delete;
  ~Writer() { png_destroy_write_struct(&png, &info); }

  void comment(std::string text) {
    char key[] = "Comment";
    png_text entry{};
    entry.compression = PNG_TEXT_COMPRESSION_NONE;
    entry.key = key;
    entry.text = text.data();
    png_set_text(png, info, &entry, 1);
  }
};

std::string one_colour(Size size, std::size_t padding) {
  Writer writer{size, 1, PNG_COLOR_TYPE_GRAY};
  if (padding > 0) writer.comment(std::string(padding, '.'));
  png_write_info(writer.png, writer.info);
  std::vector<png_byte> row(static_cast<std::size_t>(size.width) / 8 + 1, 0xff);
  for (int y = 0; y < size.height; ++y) png_write_row(writer.png, row.data());
  png_write_end(writer.png, nullptr);
  return std::move(writer.out);
}

}  // namespace

std::string draw_png(Scene const& scene, Size size) {
  Canvas canvas{size};
  Chance chance{scene.hash};
  choose_colours(canvas, chance);
  paint_sky(canvas, chance);
  paint_hills(canvas, chance);
  write_words(canvas, scene.words);
  write_caption(canvas, scene.caption);
  Writer writer{size, 8, PNG_COLOR_TYPE_PALETTE};
  std::array<png_color, 256> colours{};
  auto const byte = [](double share) {
    return static_cast<png_byte>(std::lround(std::clamp(share, 0.0, 1.0) * 255));
  };
  for (std::size_t i = 0; i < colours.size(); ++i) {
    auto const& c = canvas.palette()[i];
    colours[i] = {byte(c.red), byte(c.green), byte(c.blue)};
  }
  png_set_PLTE(writer.png, writer.info, colours.data(), 256);
  png_write_info(writer.png, writer.info);
  for (int y = 0; y < size.height; ++y) png_write_row(writer.png, canvas.row(y));
  png_write_end(writer.png, nullptr);
  return std::move(writer.out);
}

std::string plain_png(Size size, std::size_t bytes) {
  auto const bare = one_colour(size, 0);
  constexpr std::size_t kChunk = 12 + 8;  // length, name and CRC of the text chunk, its key and a zero
  return bytes <= bare.size() + kChunk ? bare : one_colour(size, bytes - bare.size() - kChunk);
}

}  // namespace wanspool::emulator

#include "emulator/order.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/sha256.h"
#include "emulator/models.h"

namespace wanspool::emulator {
namespace {

using nlohmann::json;

constexpr std::size_t kDataLimit = 10'485'760;  // "max bytes per data-uri item", as the refusal spells it
constexpr long kInterleavedPixels = 1'638'400;
constexpr char kTooSmall[] = "the size of input image is too small or too large.";
constexpr char kNoUrl[] = "The provided URL does not appear to be valid. Ensure it is correctly formatted.";

Refusal invalid(std::string message, std::string code = "InvalidParameter") {
  return {400, std::move(code), std::move(message)};
}

// Cuts at so many code points, as the service does without a word.
std::string cut(std::string text, std::size_t letters) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto const begins = (static_cast<unsigned char>(text[i]) & 0xc0) != 0x80;
    if (begins && letters-- == 0) return text.substr(0, i);
  }
  return text;
}

bool made_at(Model const& model, std::string_view path) {
  path.remove_prefix(std::min(path.size(), kServices.size()));
  return path == address(model.path) || (path == kAtOnce && model.path == Path::Generation);
}

bool fits(long width, long height, long ratio) {
  return width <= ratio * height && height <= ratio * width;
}

// "#C2D1E6"
bool is_colour(json const& hex) {
  if (!hex.is_string()) return false;
  auto const& text = hex.get_ref<std::string const&>();
  return text.size() == 7 && text[0] == '#' &&
         text.find_first_not_of("0123456789ABCDEFabcdef", 1) == std::string::npos;
}

// "23.51%" in hundredths of a per cent; -1 for anything else.
long share_of(json const& ratio) {
  long whole = 0, part = 0;
  char tail[2] = {};
  if (!ratio.is_string()) return -1;
  auto const& text = ratio.get_ref<std::string const&>();
  bool const read =
      std::sscanf(text.c_str(), "%3ld.%2ld%1[%]", &whole, &part, tail) == 3 && text.ends_with('%');
  return read && text.size() - text.find('.') == 4 ? whole * 100 + part : -1;
}

// Four whole numbers, the upper left corner first.
bool is_box(json const& box) {
  auto const is_number = [](json const& each) { return each.is_number_integer() && each >= 0; };
  return box.is_array() && box.size() == 4 && std::all_of(box.begin(), box.end(), is_number) &&
         box[0] < box[2] && box[1] < box[3];
}

// The bytes at the front of a data URI, enough for a picture's measures.
std::string decoded(std::string_view text) {
  std::string out;
  unsigned bits = 0;
  int held = 0;
  for (auto const c : text) {
    static constexpr std::string_view kLetters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    auto const value = kLetters.find(c);
    if (value == std::string_view::npos) break;
    bits = bits << 6 | static_cast<unsigned>(value);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out += static_cast<char>(bits >> held & 0xff);
  }
  return out;
}

// Reads one create body, step by step; the first refusal stands.
class Check {
 public:
  Check(Asked const& asked, Uploads const& uploads, Instant now)
      : asked_{asked}, uploads_{uploads}, now_{now} {}

  Checked run() {
    Checked out;
    out.refusal = all();
    out.order = std::move(order_);
    return out;
  }

 private:
  using Outcome = std::optional<Refusal>;

  Outcome all() {
    body_ = json::parse(asked_.body, nullptr, false);
    if (!body_.is_object()) return invalid("Required body invalid, please check the request body format.");
    model_ = find_model(body_.value("model", json()).is_string() ? body_["model"].get<std::string>() : "");
    if (!model_ || !made_at(*model_, asked_.path))
      return invalid(
          "url error, please check url！ For details, see: "
          "https://help.aliyun.com/zh/model-studio/error-code#error-url");
    order_.model = model_->name;
    order_.body_sha = sha256_hex(asked_.body);
    order_.workspace = asked_.header("x-dashscope-workspace");
    parameters_ = body_.value("parameters", json::object());
    if (parameters_.is_null()) parameters_ = json::object();
    if (!parameters_.is_object()) return invalid("Required body invalid, parameters should be an object.");
    auto const input = model_->path == Path::Generation ? &Check::messages : &Check::prompt;
    for (auto const step :
         {&Check::types, input, &Check::counts, &Check::seed, &Check::size, &Check::boxes, &Check::palette})
      if (auto refusal = (this->*step)()) return refusal;
    return std::nullopt;
  }

  // Only what is documented is looked at: the vendor's own SDK sends more (contract §12).
  Outcome types() {
    for (auto const* key :
         {"enable_interleave", "enable_sequential", "prompt_extend", "watermark", "stream", "thinking_mode"})
      if (parameters_.contains(key) && !parameters_[key].is_boolean())
        return invalid(fmt::format("{} should be a boolean", key));
    for (auto const* key : {"n", "max_images", "seed"})
      if (parameters_.contains(key) && !parameters_[key].is_number_integer())
        return invalid(fmt::format("{} should be an integer", key));
    for (auto const* key : {"size", "negative_prompt"})
      if (parameters_.contains(key) && !parameters_[key].is_string())
        return invalid(fmt::format("{} should be a string", key));
    interleave_ = model_->interleaves && parameters_.value("enable_interleave", false);
    sequence_ = model_->most_in_sequence > 0 && parameters_.value("enable_sequential", false);
    if (interleave_) order_.answers = Answers::Interleaved;
    if (sequence_) order_.answers = Answers::Sequence;
    if (model_->path != Path::Generation) order_.answers = Answers::Results;
    order_.at_once = asked_.path.ends_with(kAtOnce);
    order_.streams = order_.at_once && asked_.header("x-dashscope-sse") == "enable";
    if (order_.at_once && interleave_ && !(order_.streams && parameters_.value("stream", false)))
      return invalid("enable_interleave needs the header X-DashScope-SSE: enable, and stream: true");
    order_.rewrites = parameters_.value("prompt_extend", true);
    return std::nullopt;
  }

  Outcome messages() {
    auto const input = body_.value("input", json::object());
    if (!input.is_object() || !input.contains("messages") || !input["messages"].is_array() ||
        input["messages"].empty())
      return invalid("No messages found in input");
    if (input["messages"].size() != 1) return invalid("messages length only support 1");
    auto const& message = input["messages"][0];
    if (!message.is_object() || !message.contains("content") || !message["content"].is_array())
      return invalid("lack of image or text");
    if (message.value("role", json()) != "user") return invalid("role should be user");
    int texts = 0;
    for (auto const& item : message["content"]) {
      if (!item.is_object()) return invalid("content should be a list of objects");
      if (item.contains("text") && ++texts && !item["text"].is_string())
        return invalid("text should be a string");
      if (item.contains("text")) order_.prompt = cut(item["text"].get<std::string>(), model_->text_limit);
      if (!item.contains("image")) continue;
      if (!item["image"].is_string()) return invalid(kNoUrl);
      if (auto refusal = image(item["image"].get_ref<std::string const&>())) return refusal;
      ++images_;
    }
    if (texts != 1) return invalid(texts == 0 ? "lack of image or text" : "text only support 1");
    if (order_.prompt.empty()) return invalid("lack of image or text");
    return how_many_images();
  }

  // The older endpoints: text and pictures lie in the input itself.
  Outcome prompt() {
    auto const input = body_.value("input", json::object());
    if (!input.is_object() || !input.contains("prompt")) return invalid("prompt is required");
    for (auto const* key : {"prompt", "negative_prompt"})
      if (input.contains(key) && !input[key].is_string())
        return invalid(fmt::format("{} should be a string", key));
    order_.prompt = cut(input["prompt"].get<std::string>(), model_->text_limit);
    if (order_.prompt.empty()) return invalid("prompt is required");
    if (model_->path != Path::Image2Image) return std::nullopt;
    auto const images = input.value("images", json::array());
    if (!images.is_array()) return invalid("images should be a list of strings");
    for (auto const& each : images) {
      if (!each.is_string()) return invalid(kNoUrl);
      if (auto refusal = image(each.get_ref<std::string const&>())) return refusal;
      ++images_;
    }
    return how_many_images();
  }

  Outcome how_many_images() {
    auto const most = interleave_ ? 1 : model_->images.most;
    if (most == 0 && images_ > 0) return invalid("image is not supported by this model");
    if (!interleave_ && images_ < model_->images.least) return invalid("lack of image or text");
    if (images_ > most) return invalid(fmt::format("the number of input images should be at most {}", most));
    return std::nullopt;
  }

  Outcome image(std::string const& url) {
    last_.reset();
    if (url.find(kHidden) != url.npos) return invalid("download image failed");
    if (url.starts_with("http://") || url.starts_with("https://")) return std::nullopt;
    if (url.starts_with("data:")) return data(url);
    if (!url.starts_with("oss://")) return invalid(kNoUrl);
    if (asked_.header("x-dashscope-ossresourceresolve") != "enable")
      return invalid("The media format is not supported or incorrect for the data inspection.",
                     "InvalidParameter.DataInspection");
    auto const* const file = uploads_.find(std::string_view{url}.substr(6), now_);
    if (!file || file->model != model_->name) return invalid("oss download error.");
    return measured(file->size);
  }

  Outcome data(std::string const& url) {
    auto const comma = url.find(";base64,");
    if (comma == std::string::npos || !url.starts_with("data:image/")) return invalid(kNoUrl);
    if (url.size() > kDataLimit)
      return invalid(fmt::format("Exceeded limit on max bytes per data-uri item : {}", kDataLimit));
    return measured(picture_measure(decoded(std::string_view{url}.substr(comma + 8, 256u << 10))));
  }

  Outcome measured(std::optional<Size> size) {
    last_ = size;
    auto const& side = model_->image_side;
    if (size && !(side.holds(size->width) && side.holds(size->height))) return invalid(kTooSmall);
    if (size && model_->image_ratio > 0 && !fits(size->width, size->height, model_->image_ratio))
      return invalid(
          fmt::format("The ratio of input image should be between 1:{0} and {0}:1", model_->image_ratio));
    return std::nullopt;
  }

  Outcome counts() {
    auto const usual = sequence_ ? model_->most_in_sequence : interleave_ ? 1 : model_->usual_n;
    auto const most_n = sequence_ ? model_->most_in_sequence : model_->most_n;
    auto const n = parameters_.value("n", static_cast<long long>(usual));
    if (n != 1 && (interleave_ || most_n == 1)) return invalid("num_images_per_prompt must be 1");
    if (n < 1 || n > most_n) return invalid(fmt::format("Range of n should be [1, {}]", most_n));
    order_.pictures = static_cast<int>(n);
    if (!interleave_) return std::nullopt;
    auto const most = parameters_.value("max_images", 5LL);
    if (most < 1 || most > 5) return invalid("Range of max_images should be [1, 5]");
    order_.pictures = static_cast<int>(most);
    return std::nullopt;
  }

  Outcome seed() {
    if (!parameters_.contains("seed")) return std::nullopt;
    auto const seed = parameters_["seed"].get<long long>();
    if (seed < 0 || seed > 2'147'483'647) return invalid("Range of seed should be [0, 2147483647]");
    order_.seed = static_cast<std::uint32_t>(seed);
    return std::nullopt;
  }

  Outcome size() {
    auto const asked = parameters_.value("size", std::string{});
    if (asked.empty()) {
      order_.size = without_size();
      return std::nullopt;
    }
    if (auto const side = named_side(asked)) {
      order_.size = fitted(last_.value_or(Size{1, 1}), static_cast<double>(side * side));
      return std::nullopt;
    }
    long width = 0;
    long height = 0;
    char tail = 0;
    if (std::sscanf(asked.c_str(), "%6ld*%6ld%c", &width, &height, &tail) != 2 || width < 1 || height < 1)
      return invalid("size should be in the format of width*height");
    return model_->sizes == Sizes::Pixels ? pixels(width, height) : sides(width, height);
  }

  Outcome boxes() {
    if (model_->most_in_sequence == 0 || !parameters_.contains("bbox_list")) return std::nullopt;
    auto const& lists = parameters_["bbox_list"];
    if (!lists.is_array() || lists.size() != static_cast<std::size_t>(images_))
      return invalid("bbox_list should have a list for each input image");
    for (auto const& boxes : lists)
      if (!boxes.is_array() || boxes.size() > 2 || !std::all_of(boxes.begin(), boxes.end(), is_box))
        return invalid("bbox_list should have at most 2 boxes [x1, y1, x2, y2] for each input image");
    return std::nullopt;
  }

  Outcome palette() {
    if (model_->most_in_sequence == 0 || !parameters_.contains("color_palette")) return std::nullopt;
    auto const& colours = parameters_["color_palette"];
    if (!colours.is_array() || colours.size() < 3 || colours.size() > 10)
      return invalid("color_palette should have 3 to 10 colors");
    long sum = 0;
    for (auto const& each : colours) {
      auto const share = each.is_object() && is_colour(each.value("hex", json()))
                             ? share_of(each.value("ratio", json()))
                             : -1;
      if (share < 0) return invalid("color_palette should have a hex and a ratio for each color");
      sum += share;
    }
    return sum == 100'00 ? std::nullopt : Outcome{invalid("The ratios of color_palette should sum to 100%")};
  }

  // Of "1K", "2K" and "4K" where the model takes such names; else 0.
  long named_side(std::string const& name) const {
    if (model_->one_k == 0 || interleave_) return 0;
    if (name == "1K") return model_->one_k;
    if (name == "2K") return 2048;
    return name == "4K" && most_pixels() >= 4096L * 4096 ? 4096 : 0;
  }

  long most_pixels() const {
    if (interleave_) return kInterleavedPixels;
    return images_ == 0 && model_->most_from_words > 0 ? model_->most_from_words : model_->span.most;
  }

  Outcome pixels(long width, long height) {
    auto const total = Range{model_->span.least, most_pixels()};
    auto const ratio = model_->ratio;
    if (!total.holds(width * height))
      return invalid(fmt::format("Total pixels of size should be [{}, {}]", total.least, total.most));
    if (!fits(width, height, ratio))
      return invalid(fmt::format("The ratio of size should be between 1:{0} and {0}:1", ratio));
    auto const near = [](long side) { return static_cast<int>((side + 8) / 16 * 16); };
    order_.size = {near(width), near(height)};
    return std::nullopt;
  }

  Outcome sides(long width, long height) {
    auto const& span = model_->span;
    order_.size = {static_cast<int>(width), static_cast<int>(height)};
    if (model_->sizes == Sizes::Sides && !(span.holds(width) && span.holds(height)))
      return invalid(
          fmt::format("Range of width and height of size should be [{}, {}]", span.least, span.most));
    auto const same = [&](Size each) { return each.width == width && each.height == height; };
    if (model_->sizes == Sizes::Few && std::none_of(model_->few.begin(), model_->few.end(), same))
      return invalid("size should be one of the sizes that this model draws");
    return std::nullopt;
  }

  // The usual pixels with the ratio of the last picture; interleave mode keeps those of a small one.
  Size without_size() const {
    auto const usual = model_->usual_size;
    if (!last_) return usual;
    auto const total = static_cast<double>(usual.width) * usual.height;
    auto const own = static_cast<double>(last_->width) * last_->height;
    return fitted(*last_, interleave_ ? std::min(total, own) : total);
  }

  Asked const& asked_;
  Uploads const& uploads_;
  Instant now_;
  Model const* model_ = nullptr;
  json body_;
  json parameters_;
  bool interleave_ = false;
  bool sequence_ = false;
  int images_ = 0;
  std::optional<Size> last_;
  Order order_;
};

unsigned big_endian(std::string_view bytes, std::size_t at, int count) {
  unsigned value = 0;
  for (int i = 0; i < count; ++i)
    value = value << 8 | static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)]);
  return value;
}

std::optional<Size> jpeg_measure(std::string_view bytes) {
  for (std::size_t at = 2; at + 9 < bytes.size();) {
    if (static_cast<unsigned char>(bytes[at]) != 0xff) return std::nullopt;
    auto const marker = static_cast<unsigned char>(bytes[at + 1]);
    auto const frame = marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    if (frame)
      return Size{static_cast<int>(big_endian(bytes, at + 7, 2)),
                  static_cast<int>(big_endian(bytes, at + 5, 2))};
    at += 2 + big_endian(bytes, at + 2, 2);
  }
  return std::nullopt;
}

}  // namespace

Checked check_create(Asked const& asked, Uploads const& uploads, Instant now) {
  return Check{asked, uploads, now}.run();
}

std::string named_model(std::string const& body) {
  auto const at = json::parse(body, nullptr, false);
  if (!at.is_object() || !at.contains("model") || !at["model"].is_string()) return {};
  return at["model"].get<std::string>();
}

std::optional<Size> picture_measure(std::string_view bytes) {
  if (bytes.starts_with("\x89PNG\r\n\x1a\n") && bytes.size() >= 24) {
    auto const width = big_endian(bytes, 16, 4);
    auto const height = big_endian(bytes, 20, 4);
    if (width > 1'000'000 || height > 1'000'000) return std::nullopt;
    return Size{static_cast<int>(width), static_cast<int>(height)};
  }
  if (bytes.starts_with("\xff\xd8")) return jpeg_measure(bytes);
  return std::nullopt;
}

Size fitted(Size like, double pixels) {
  auto const scale = std::sqrt(pixels / (static_cast<double>(like.width) * like.height));
  auto const near = [&](int side) {
    return std::max(16, static_cast<int>(std::lround(side * scale / 16)) * 16);
  };
  return {near(like.width), near(like.height)};
}

}  // namespace wanspool::emulator

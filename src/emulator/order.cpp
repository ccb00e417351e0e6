#include "emulator/order.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/sha256.h"
#include "emulator/models.h"

namespace wanspool::emulator {
namespace {

using nlohmann::json;

constexpr std::size_t kDataLimit = 10'485'760;  // "max bytes per data-uri item", as the refusal spells it
constexpr long kInterleavedPixels = 1'638'400;
constexpr double kOneK = 1280.0 * 1280.0;
constexpr double kTwoK = 2048.0 * 2048.0;
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
  Check(Asked const& asked, Uploads const& uploads) : asked_{asked}, uploads_{uploads} {}

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
    if (!model_)
      return invalid(
          "url error, please check url！ For details, see: "
          "https://help.aliyun.com/zh/model-studio/error-code#error-url");
    order_.model = model_->name;
    order_.body_sha = sha256_hex(asked_.body);
    parameters_ = body_.value("parameters", json::object());
    if (parameters_.is_null()) parameters_ = json::object();
    if (!parameters_.is_object()) return invalid("Required body invalid, parameters should be an object.");
    for (auto const step : {&Check::types, &Check::messages, &Check::counts, &Check::seed, &Check::size})
      if (auto refusal = (this->*step)()) return refusal;
    return std::nullopt;
  }

  // Only what is documented is looked at: the vendor's own SDK sends more (contract §12).
  Outcome types() {
    for (auto const* key : {"enable_interleave", "prompt_extend", "watermark", "stream"})
      if (parameters_.contains(key) && !parameters_[key].is_boolean())
        return invalid(fmt::format("{} should be a boolean", key));
    for (auto const* key : {"n", "max_images", "seed"})
      if (parameters_.contains(key) && !parameters_[key].is_number_integer())
        return invalid(fmt::format("{} should be an integer", key));
    for (auto const* key : {"size", "negative_prompt"})
      if (parameters_.contains(key) && !parameters_[key].is_string())
        return invalid(fmt::format("{} should be a string", key));
    interleave_ = model_->edits && parameters_.value("enable_interleave", false);
    order_.answers = interleave_ ? Answers::Interleaved : Answers::Pictures;
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

  Outcome how_many_images() {
    if (!model_->edits && images_ > 0) return invalid("image is not supported by this model");
    if (!model_->edits) return std::nullopt;
    if (!interleave_ && images_ == 0) return invalid("lack of image or text");
    auto const most = interleave_ ? 1 : 4;
    if (images_ > most) return invalid(fmt::format("the number of input images should be at most {}", most));
    return std::nullopt;
  }

  Outcome image(std::string const& url) {
    last_.reset();
    if (url.starts_with("http://") || url.starts_with("https://")) return std::nullopt;
    if (url.starts_with("data:")) return data(url);
    if (!url.starts_with("oss://")) return invalid(kNoUrl);
    if (asked_.header("x-dashscope-ossresourceresolve") != "enable")
      return invalid("The media format is not supported or incorrect for the data inspection.",
                     "InvalidParameter.DataInspection");
    auto const* const file = uploads_.find(std::string_view{url}.substr(6));
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
    if (size && (size->width < 240 || size->height < 240 || size->width > 8000 || size->height > 8000))
      return invalid(kTooSmall);
    return std::nullopt;
  }

  Outcome counts() {
    auto const n = parameters_.value("n", interleave_ ? 1LL : 4LL);
    if (interleave_ && n != 1) return invalid("num_images_per_prompt must be 1");
    if (n < 1 || n > 4) return invalid("Range of n should be [1, 4]");
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
    auto const like = last_.value_or(Size{1, 1});
    if (asked.empty() || (model_->edits && !interleave_ && (asked == "1K" || asked == "2K"))) {
      order_.size = fitted(like, asked == "2K" ? kTwoK : without_size());
      return std::nullopt;
    }
    long width = 0;
    long height = 0;
    char tail = 0;
    if (std::sscanf(asked.c_str(), "%6ld*%6ld%c", &width, &height, &tail) != 2 || width < 1 || height < 1)
      return invalid("size should be in the format of width*height");
    auto const most = interleave_ ? kInterleavedPixels : model_->most_pixels;
    if (width * height < model_->least_pixels || width * height > most)
      return invalid(fmt::format("Total pixels of size should be [{}, {}]", model_->least_pixels, most));
    if (width > 4 * height || height > 4 * width)
      return invalid("The ratio of size should be between 1:4 and 4:1");
    auto const near = [](long side) { return static_cast<int>((side + 8) / 16 * 16); };
    order_.size = {near(width), near(height)};
    return std::nullopt;
  }

  // Interleave mode keeps the pixels of a small input; all else comes to about 1280².
  double without_size() const {
    if (!interleave_ || !last_) return kOneK;
    return std::min(kOneK, static_cast<double>(last_->width) * last_->height);
  }

  Asked const& asked_;
  Uploads const& uploads_;
  Model const* model_ = nullptr;
  json body_;
  json parameters_;
  bool interleave_ = false;
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

Checked check_create(Asked const& asked, Uploads const& uploads) {
  return Check{asked, uploads}.run();
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

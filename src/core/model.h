#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/time.h"
#include "core/money.h"

// The table of models: what schema/models.yaml says, as the house uses it. A sibling model is a row.
namespace wanspool {

// A value of lists and maps as JSON, keys sorted and without needless space.
struct Nested {
  explicit Nested(std::string text) : json{std::move(text)} {}
  std::string json;

  bool operator==(Nested const&) const = default;
};

using Value = std::variant<bool, std::int64_t, std::string, Nested>;

// How many creates may leave in a window, and how many tasks may be outstanding (contract §5).
struct Limits {
  int creates = 5;  // per `window`; 0: no limit
  milliseconds window{1000};
  int slots = 5;              // tasks in processing at once; 0: no limit
  int creates_in_flight = 1;  // unanswered creates at once: as many as one crash may leave in doubt

  bool operator==(Limits const&) const = default;
};

// One parameter of a model in one mode, with its range. Only parameters of the row are ever sent.
struct Parameter {
  enum class Kind { Boolean, Integer, Text, Size, Boxes, Palette };
  std::string name;
  Kind kind = Kind::Text;
  std::optional<Value> fallback;   // what is sent where the manifest is silent; none: nothing is sent
  std::int64_t low = 0, high = 0;  // Integer: both inclusive; Boxes: how many a picture; Palette: colours
  std::int64_t characters = 0;     // Text: at most so many
  std::vector<std::string> names;  // Size: words allowed instead of W*H ("1K"), or the only sizes there are
  std::int64_t pixels_low = 0, pixels_high = 0;  // Size: W·H; 0: not bound
  std::int64_t sides_low = 0, sides_high = 0;    // Size: W and H, each; 0: not bound
  int ratio = 0;                                 // Size: from 1:ratio to ratio:1; 0: any

  bool operator==(Parameter const&) const = default;
};

// What a model does with its parameters. A model with one mode has a single row without a name.
struct Mode {
  std::string name;                     // "edit", "interleave", or ""
  std::string when;                     // the boolean parameter that chooses it; "": none is on
  int images_low = 0, images_high = 0;  // input pictures
  std::string count;  // the parameter that says how many pictures at most: "n" or "max_images"
  std::vector<Parameter> parameters;

  bool operator==(Mode const&) const = default;
  bool takes(std::size_t images) const {
    return images >= static_cast<std::size_t>(images_low) && images <= static_cast<std::size_t>(images_high);
  }
  Parameter const* parameter(std::string_view wanted) const {
    for (auto const& each : parameters)
      if (each.name == wanted) return &each;
    return nullptr;
  }
};

// What a model takes as an input picture (contract §2.1, §2.2): JPEG, PNG, BMP or WEBP.
struct InputLimits {
  std::int64_t bytes = 10'485'760;       // of the file, at most
  int side_low = 240, side_high = 8000;  // width and height, each
  int ratio = 0;                         // from 1:ratio to ratio:1; 0: any
  bool alpha = false;                    // whether a PNG may have an alpha channel

  bool operator==(InputLimits const&) const = default;
};

// Where a create's body has its words and pictures (contract §2.1, §2.2): in a message, the prompt first, or
// in `input` by name, `negative_prompt` among them.
enum class BodyShape { Messages, Input };

struct Model {
  std::string name;
  BodyShape body = BodyShape::Messages;
  std::string path;           // below the endpoint: "/services/aigc/image-generation/generation"
  int prompt_characters = 0;  // the service cuts the surplus in silence
  std::string
      without_images;  // what to tell whoever gives no picture where one is needed; "" if none is needed
  InputLimits inputs;
  std::vector<Mode> modes;
  Limits limits;
  std::map<std::string, Limits> limits_by_region;
  std::map<std::string, Money> prices;  // per successful picture, by region
  std::string currency;                 // ISO 4217
  std::string price_date;               // ISO date on which the prices were read

  bool operator==(Model const&) const = default;

  // The mode that this switch chooses ("" where none is on) for so many input pictures; where their number
  // fits none, the first that the switch chooses.
  Mode const& mode(std::string_view on, std::size_t images) const {
    auto const* chosen = &modes.front();
    bool found = false;
    for (auto const& each : modes) {
      if (each.when != on) continue;
      if (each.takes(images)) return each;
      if (!found) chosen = &each;
      found = true;
    }
    return *chosen;
  }
  // The names that stand at some mode's `when`.
  bool is_switch(std::string_view parameter) const {
    return std::any_of(modes.begin(), modes.end(),
                       [&](Mode const& mode) { return !mode.when.empty() && mode.when == parameter; });
  }
  bool is_priced_in(std::string const& region) const { return prices.contains(region); }
  Limits const& limits_in(std::string const& region) const {
    auto const found = limits_by_region.find(region);
    return found == limits_by_region.end() ? limits : found->second;
  }
  // The region's price; the highest known where the region has none.
  Money price_in(std::string const& region) const {
    auto const found = prices.find(region);
    if (found != prices.end()) return found->second;
    Money highest;
    for (auto const& [name_of_region, price] : prices) highest = std::max(highest, price);
    return highest;
  }
};

using Models = std::map<std::string, Model>;

// What one job asks for, checked against its model's row, nothing left to the service's defaults.
struct JobRequest {
  std::string model;
  std::string prompt;
  // http(s)://…, data:…, oss://…; "file:SHA256.EXT" for a local file (png, jpg, bmp, webp, by its contents);
  // "job:NAME#K" for picture K, from 1, of another job of the manifest
  std::vector<std::string> images;
  std::map<std::string, Value> parameters;
  std::string verbatim;  // the API's own body as JSON, instead of all the above but the model

  bool operator==(JobRequest const&) const = default;
};

}  // namespace wanspool

template <>
struct std::hash<wanspool::Nested> {
  std::size_t operator()(wanspool::Nested const& value) const noexcept {
    return std::hash<std::string>{}(value.json);
  }
};

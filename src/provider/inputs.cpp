#include <nlohmann/json.hpp>

#include "provider/provider.h"

// Where a request's body names input pictures (contract §2.1, §2.2): `image` of each content of a message,
// and `images` beside a prompt.
namespace wanspool::provider {
namespace {

using nlohmann::json;

json* member(json& object, char const* name) {
  if (!object.is_object()) return nullptr;
  auto const found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

// In their order. A body of another shape names none.
template <typename Take>
void each_input(json& body, Take const& take) {
  auto* const input = member(body, "input");
  if (input == nullptr) return;
  if (auto* const messages = member(*input, "messages"); messages && messages->is_array())
    for (auto& message : *messages) {
      auto* const content = member(message, "content");
      if (content == nullptr || !content->is_array()) continue;
      for (auto& piece : *content)
        if (auto* const image = member(piece, "image"); image && image->is_string()) take(*image);
    }
  if (auto* const images = member(*input, "images"); images && images->is_array())
    for (auto& image : *images)
      if (image.is_string()) take(image);
}

}  // namespace

std::vector<std::string> inputs_of(std::string const& body) {
  auto read = json::parse(body, nullptr, false);
  std::vector<std::string> inputs;
  each_input(read, [&](json const& image) { inputs.push_back(image.get<std::string>()); });
  return inputs;
}

std::string with_inputs(std::string const& body,
                        std::function<std::string(std::string const&)> const& address_of) {
  auto read = json::parse(body, nullptr, false);
  each_input(read, [&](json& image) { image = address_of(image.get<std::string>()); });
  return read.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace wanspool::provider

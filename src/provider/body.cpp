#include <nlohmann/json.hpp>
#include <stdexcept>

#include "provider/provider.h"

namespace wanspool::provider {
namespace {

using nlohmann::json;  // an object's keys are sorted by itself

// Text that is not UTF-8 never gets past the manifest; here it must not throw in the middle of a turn.
std::string canonical(json const& body) {
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

json parsed(std::string const& body) {
  auto read = json::parse(body, nullptr, false);
  if (!read.is_object()) throw std::invalid_argument{"a request's body must be a JSON object"};
  return read;
}

json content_of(JobRequest const& request) {
  auto content = json::array({json{{"text", request.prompt}}});
  for (auto const& image : request.images) content.push_back(json{{"image", image}});
  return content;
}

json parameters_of(JobRequest const& request) {
  auto parameters = json::object();
  for (auto const& [name, value] : request.parameters)
    std::visit([&](auto const& plain) { parameters[name] = plain; }, value);
  return parameters;
}

constexpr std::uint32_t kSeeds = 1u << 31;

std::uint32_t digit_of(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint32_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint32_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint32_t>(c - 'A' + 10);
  return 0;
}

}  // namespace

// Contract §2.1: the prompt first, then the pictures; their order is what "image 2" in a prompt means.
std::string create_body(Model const& model, JobRequest const& request) {
  if (!request.verbatim.empty()) return canonical(parsed(request.verbatim));
  json const message{{"role", "user"}, {"content", content_of(request)}};
  return canonical({{"model", model.name},
                    {"input", {{"messages", json::array({message})}}},
                    {"parameters", parameters_of(request)}});
}

std::string with_seed(std::string const& body, std::uint32_t seed) {
  auto read = parsed(body);
  auto& parameters = read["parameters"];
  if (parameters.is_null()) parameters = json::object();
  // Parameters of another shape are the service's to refuse.
  if (parameters.is_object() && !parameters.contains("seed")) parameters["seed"] = seed;
  return canonical(read);
}

// Steps of the golden ratio (Knuth, vol. 3, 6.4): an odd number, so no two takes of a fingerprint share a
// seed.
std::uint32_t seed_of(std::string_view fingerprint, int take) {
  std::uint32_t prefix = 0;
  for (char const c : fingerprint.substr(0, 8)) prefix = prefix * 16 + digit_of(c);
  return (prefix + static_cast<std::uint32_t>(take) * 0x9e3779b9u) % kSeeds;
}

}  // namespace wanspool::provider

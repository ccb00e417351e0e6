#include <nlohmann/json.hpp>

#include "provider/provider.h"

// Requests that are bought once more on purpose.
namespace wanspool::provider {
namespace {

using nlohmann::json;

// The object at parameters, made if it is missing; nullptr where the body is none of ours.
json* parameters_of(json& body) {
  if (!body.is_object()) return nullptr;
  auto& parameters = body["parameters"];
  if (parameters.is_null()) parameters = json::object();
  return parameters.is_object() ? &parameters : nullptr;
}

// How many pictures the answer holds is the model's choice, within what was asked for.
bool is_counted_by_the_model(json const& parameters) {
  for (auto const* const key : {"enable_interleave", "enable_sequential"})
    if (auto const found = parameters.find(key); found != parameters.end() && *found == true) return true;
  return false;
}

}  // namespace

std::string redo_body(std::string const& body, std::uint32_t seed) {
  auto read = json::parse(body, nullptr, false);
  auto* const parameters = parameters_of(read);
  if (!parameters) return body;
  (*parameters)["seed"] = seed;
  return read.dump();
}

std::string refill_body(std::string const& body, int pictures, std::uint32_t seed) {
  auto read = json::parse(body, nullptr, false);
  auto* const parameters = parameters_of(read);
  if (!parameters || !parameters->contains("n") || is_counted_by_the_model(*parameters)) return {};
  (*parameters)["n"] = pictures;
  (*parameters)["seed"] = seed;
  return read.dump();
}

}  // namespace wanspool::provider

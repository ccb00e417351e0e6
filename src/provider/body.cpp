#include <algorithm>
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

// Most texts need nothing but their quotes.
bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
}

void put_text(std::string& out, std::string const& text) {
  if (!is_plain(text)) {
    out += canonical(json(text));
    return;
  }
  out += '"';
  out += text;
  out += '"';
}

struct PutValue {
  std::string& out;
  void operator()(bool value) const { out += value ? "true" : "false"; }
  void operator()(std::int64_t value) const { out += std::to_string(value); }
  void operator()(std::string const& value) const { put_text(out, value); }
  void operator()(Nested const& value) const { out += value.json; }
};

constexpr std::string_view kNegative = "negative_prompt";

// Contract §2.1: the prompt first, then the pictures; their order is what "image 2" in a prompt means.
void put_messages(std::string& out, JobRequest const& request) {
  out += R"({"messages":[{"content":[{"text":)";
  put_text(out, request.prompt);
  for (auto const& image : request.images) {
    out += R"(},{"image":)";
    put_text(out, image);
  }
  out += R"(}],"role":"user"}]})";
}

// Contract §2.2: of the older endpoints, where the negative prompt is no parameter (§2.1).
void put_named(std::string& out, JobRequest const& request) {
  out += '{';
  for (auto const& image : request.images) {
    out += &image == &request.images.front() ? R"("images":[)" : ",";
    put_text(out, image);
  }
  if (!request.images.empty()) out += "],";
  if (auto const found = request.parameters.find(std::string{kNegative}); found != request.parameters.end()) {
    out += R"("negative_prompt":)";
    std::visit(PutValue{out}, found->second);
    out += ',';
  }
  out += R"("prompt":)";
  put_text(out, request.prompt);
  out += '}';
}

void put_parameters(std::string& out, BodyShape shape, JobRequest const& request) {
  out += '{';
  for (auto const& [name, value] : request.parameters) {
    if (shape == BodyShape::Input && name == kNegative) continue;
    if (!out.ends_with('{')) out += ',';
    put_text(out, name);
    out += ':';
    std::visit(PutValue{out}, value);
  }
  out += '}';
}

constexpr std::uint32_t kSeeds = 1u << 31;

std::uint32_t digit_of(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint32_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint32_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint32_t>(c - 'A' + 10);
  return 0;
}

}  // namespace

std::string create_body(Model const& model, JobRequest const& request) {
  if (!request.verbatim.empty()) return canonical(parsed(request.verbatim));
  // Written out, for this is done for each of a million rows: the keys stand as a sorted object has them.
  std::string body = R"({"input":)";
  model.body == BodyShape::Messages ? put_messages(body, request) : put_named(body, request);
  body += R"(,"model":)";
  put_text(body, model.name);
  body += R"(,"parameters":)";
  put_parameters(body, model.body, request);
  body += '}';
  return body;
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

#include "provider/envelope.h"

#include <charconv>
#include <nlohmann/json.hpp>

namespace wanspool::provider {
namespace {

using nlohmann::json;

// No answer is deeper than eight; json::dump() and copies go down by recursion.
constexpr int kDepthMost = 64;
// More pictures than any model draws (contract §2.2): such a count is no count.
constexpr std::int64_t kCountMost = 1000;

json const& at(json const& object, char const* key) {
  static json const nothing;
  if (!object.is_object()) return nothing;
  auto const found = object.find(key);
  return found == object.end() ? nothing : *found;
}

std::string text(json const& object, char const* key) {
  auto const& value = at(object, key);
  return value.is_string() ? value.get<std::string>() : std::string{};
}

ErrorWords words_of(json const& object) {
  auto code = text(object, "code");
  // Gateways give numbers.
  if (auto const& number = at(object, "code"); number.is_number_integer()) code = number.dump();
  return {code, text(object, "message"), text(object, "request_id")};
}

json parse(std::string const& body) {
  bool deep = false;
  auto const bounded = [&](int depth, json::parse_event_t, json&) {
    deep = deep || depth > kDepthMost;
    return !deep;
  };
  auto read = json::parse(body, bounded, false);
  return deep || !read.is_object() ? json{} : read;
}

// Contract §3.3: all choices, all items, and what an item is its key says; `type` may be missing.
struct Reader {
  Envelope& envelope;

  void lacks(std::string field) {
    if (envelope.missing.empty()) envelope.missing = std::move(field);
  }
  void add_text(std::string words) {
    if (!words.empty()) envelope.pieces.push_back({std::move(words), {}, {}});
  }
  void item(json const& item, std::string const& place) {
    auto url = text(item, "image");
    if (!url.empty())
      envelope.pieces.push_back({{}, std::move(url), {}});
    else if (at(item, "image").is_null() && at(item, "text").is_string())
      add_text(text(item, "text"));
    else
      lacks(place + ".image");
  }
  void choices(json const& choices) {
    if (choices.empty()) lacks("output.choices[0]");
    for (std::size_t i = 0; i < choices.size(); ++i) {
      auto const place = "output.choices[" + std::to_string(i) + "].message.content";
      auto const& content = at(at(choices[i], "message"), "content");
      if (content.is_string())
        add_text(content.get<std::string>());
      else if (!content.is_array())
        lacks(place);
      else
        for (std::size_t k = 0; k < content.size(); ++k)
          item(content[k], place + "[" + std::to_string(k) + "]");
    }
  }
  void results(json const& results) {
    if (results.empty()) lacks("output.results[0]");
    for (std::size_t i = 0; i < results.size(); ++i) {
      auto url = text(results[i], "url");
      auto words = words_of(results[i]);
      if (!url.empty())
        envelope.pieces.push_back({{}, std::move(url), {}});
      else if (!words.code.empty())
        envelope.failed.push_back(std::move(words));
      else
        lacks("output.results[" + std::to_string(i) + "].url");
    }
  }
};

void read_output(json const& output, Envelope& envelope) {
  envelope.task_id = text(output, "task_id");
  envelope.task_status = text(output, "task_status");
  envelope.task = words_of(output);
  envelope.times = {text(output, "submit_time"), text(output, "scheduled_time"), text(output, "end_time")};
  auto const& choices = at(output, "choices");
  auto const& results = at(output, "results");
  Reader reader{envelope};
  if (choices.is_array())
    reader.choices(choices);
  else if (results.is_array())
    reader.results(results);
  else
    reader.lacks("output.choices");
}

void read_usage(json const& usage, Envelope& envelope) {
  if (!usage.is_object()) return;
  envelope.usage = usage.dump();
  auto const& count = at(usage, "image_count");
  if (!count.is_number_integer()) return;
  // Read from its digits: as int64_t a huge unsigned number would be a negative one.
  auto const digits = count.dump();
  std::int64_t whole = -1;
  auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), whole);
  if (error == std::errc{} && whole >= 0 && whole <= kCountMost)
    envelope.image_count = static_cast<int>(whole);
}

}  // namespace

Envelope open_envelope(std::string const& body) {
  Envelope envelope;
  auto const read = parse(body);
  if (read.is_null()) return envelope;
  envelope.parsed = true;
  envelope.top = words_of(read);
  // The manner of the OpenAI-like endpoints.
  if (envelope.top.code.empty() && at(read, "error").is_object()) {
    envelope.top = words_of(at(read, "error"));
    envelope.top.request_id = text(read, "request_id");
  }
  read_output(at(read, "output"), envelope);
  read_usage(at(read, "usage"), envelope);
  return envelope;
}

}  // namespace wanspool::provider

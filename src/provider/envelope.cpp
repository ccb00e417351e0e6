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
// More pages than an account fills in a day.
constexpr std::int64_t kPagesMost = 1'000'000;
// Epoch milliseconds of the years 2001 to 5138: what lies outside was meant in another unit.
constexpr std::int64_t kStampLeast = 1'000'000'000'000, kStampMost = 99'999'999'999'999;

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

// Read from its digits: as int64_t a huge unsigned number would be a negative one.
std::optional<std::int64_t> whole(json const& object, char const* key, std::int64_t least,
                                  std::int64_t most) {
  auto const& value = at(object, key);
  if (!value.is_number_integer()) return std::nullopt;
  auto const digits = value.dump();
  std::int64_t number = 0;
  auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || number < least || number > most) return std::nullopt;
  return number;
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

// "1376*768": what was drawn. A request's "1K" says nothing about it.
bool is_size(std::string_view size) {
  auto const star = size.find('*');
  if (star == size.npos) return false;
  auto const side = [](std::string_view digits) {
    return !digits.empty() && digits.size() < 6 && digits.find_first_not_of("0123456789") == digits.npos;
  };
  return side(size.substr(0, star)) && side(size.substr(star + 1));
}

void read_usage(json const& usage, Envelope& envelope) {
  if (!usage.is_object()) return;
  envelope.usage = usage.dump();
  if (auto const count = whole(usage, "image_count", 0, kCountMost))
    envelope.image_count = static_cast<int>(*count);
  if (auto size = text(usage, "size"); is_size(size)) envelope.size = std::move(size);
}

// The manner of the OpenAI-like endpoints is read too.
ErrorWords top_of(json const& read) {
  auto top = words_of(read);
  if (!top.code.empty() || !at(read, "error").is_object()) return top;
  top = words_of(at(read, "error"));
  top.request_id = text(read, "request_id");
  return top;
}

// A row without one of these fields is no evidence, and neither is a list that holds it.
std::string read_row(json const& read, ListRow& row) {
  row.task_id = text(read, "task_id");
  row.request_id = text(read, "request_id");
  row.model = text(read, "model_name");
  row.status = text(read, "status");
  row.api_key_id = text(read, "api_key_id");
  row.caller = text(read, "caller_parent_id");
  auto const created = whole(read, "gmt_create", kStampLeast, kStampMost);
  if (row.task_id.empty()) return "task_id";
  if (row.model.empty()) return "model_name";
  if (row.api_key_id.empty()) return "api_key_id";
  if (!created) return "gmt_create";
  row.created = Instant{milliseconds{*created}};
  return {};
}

// A page that its own numbers say is not empty must have rows: an answer that lost them is no proof of
// anything.
std::string read_rows(json const& read, Listing& listing) {
  auto const& data = at(read, "data");
  auto const page = whole(read, "page_no", 1, kPagesMost), pages = whole(read, "total_page", 0, kPagesMost);
  if (!data.is_array()) return "data";
  if (!page) return "page_no";
  if (!pages) return "total_page";
  listing.page = static_cast<int>(*page);
  listing.pages = static_cast<int>(*pages);
  if (data.empty() && page <= pages) return "data[0]";
  for (std::size_t i = 0; i < data.size(); ++i) {
    auto const lacking = read_row(data[i], listing.rows.emplace_back());
    if (!lacking.empty()) return "data[" + std::to_string(i) + "]." + lacking;
  }
  return {};
}

}  // namespace

Envelope open_envelope(std::string const& body) {
  Envelope envelope;
  auto const read = parse(body);
  if (read.is_null()) return envelope;
  envelope.parsed = true;
  envelope.top = top_of(read);
  read_output(at(read, "output"), envelope);
  read_usage(at(read, "usage"), envelope);
  return envelope;
}

Listing open_listing(std::string const& body) {
  Listing listing;
  auto const read = parse(body);
  if (read.is_null()) return listing;
  listing.parsed = true;
  listing.top = top_of(read);
  listing.missing = read_rows(read, listing);
  return listing;
}

}  // namespace wanspool::provider

#include "manifest/durations.h"

#include <fmt/format.h>

#include <charconv>

#include "manifest/fields.h"

namespace wanspool::yaml {
namespace {

std::optional<milliseconds> unit_of(std::string_view word) {
  if (word == "ms") return milliseconds{1};
  if (word == "s") return seconds{1};
  if (word == "m") return minutes{1};
  if (word == "h") return hours{1};
  return {};
}

}  // namespace

std::optional<milliseconds> read_duration(View value, std::string_view what, Complaints& complaints) {
  auto const text = read_word(value, what, complaints);
  if (!text) return {};
  constexpr std::int64_t kMost = 86'400'000;
  std::int64_t number = -1;
  auto const* const end = text->data() + text->size();
  auto const result = std::from_chars(text->data(), end, number);
  auto const unit = unit_of({result.ptr, static_cast<std::size_t>(end - result.ptr)});
  if (result.ec == std::errc{} && unit && number >= 0 && number <= kMost / unit->count())
    return *unit * number;
  bool const bare = result.ec == std::errc{} && result.ptr == end;
  complaints.add(
      value, fmt::format("{} wants a length of time such as 500ms, 60s, 2m or 1h, a day at most, not '{}'{}",
                         what, *text, bare ? fmt::format("; write {}s", *text) : ""));
  return {};
}

}  // namespace wanspool::yaml

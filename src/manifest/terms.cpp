#include "manifest/terms.h"

#include <fmt/format.h>

#include <charconv>

#include "manifest/keys.h"

namespace wanspool::yaml {
namespace {

// So many digits, and what follows them.
bool take_number(std::string_view& text, std::size_t digits, int& number) {
  if (text.size() < digits) return false;
  auto const result = std::from_chars(text.data(), text.data() + digits, number);
  if (result.ec != std::errc{} || result.ptr != text.data() + digits || text[0] == '-') return false;
  text.remove_prefix(digits);
  return true;
}

bool take_one_of(std::string_view& text, std::string_view letters) {
  if (text.empty() || letters.find(text[0]) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// "Z" or "+01:00": minutes east of Greenwich.
std::optional<int> zone(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  int sign = text.starts_with('-') ? -1 : 1, hour = 0, minute = 0;
  if (!take_one_of(text, "+-") || !take_number(text, 2, hour)) return {};
  take_one_of(text, ":");
  if (!text.empty() && (!take_number(text, 2, minute) || !text.empty())) return {};
  if (hour > 14 || minute > 59) return {};
  return sign * (hour * 60 + minute);
}

template <typename Enum>
std::optional<Enum> read_word_of(Field const& field, std::initializer_list<Enum> values,
                                 Complaints& complaints) {
  auto const& key = field.key.text();
  auto const word = read_word(field.value, key, complaints);
  if (!word) return {};
  std::vector<std::string> names;
  std::string list;
  for (auto const each : values) {
    if (*word == name_of(each)) return each;
    list += names.empty() ? "" : names.size() + 1 == values.size() ? " or " : ", ";
    names.emplace_back(name_of(each));
    list += names.back();
  }
  complaints.add(field.value, fmt::format("{} wants {}, not {}{}", key, list, spoken(field.value),
                                          did_you_mean(*word, names)));
  return {};
}

void read_deadline(View value, ManifestHead& head, Complaints& complaints) {
  auto const text = read_word(value, "deadline", complaints);
  if (!text) return;
  if (auto const length = read_length(*text)) {
    head.deadline_after = length;
  } else if (auto const moment = read_moment(*text)) {
    head.terms.deadline = *moment;
  } else {
    complaints.add(
        value,
        fmt::format("deadline wants a length such as 10h or 3d, or a date and time with its zone such as "
                    "2026-12-01T08:00+01:00, not '{}'",
                    *text));
  }
}

void read_failures(View value, Terms& terms, Complaints& complaints) {
  auto const refuse = [&] {
    complaints.add(value,
                   fmt::format("max_failures wants a whole number of jobs or a share such as 2%, not {}",
                               spoken(value)));
  };
  if (!value.is(Node::Kind::Scalar)) return refuse();
  std::string_view text = value.text();
  Share share;
  share.percent = text.ends_with('%');
  if (share.percent) text.remove_suffix(1);
  auto const result = std::from_chars(text.data(), text.data() + text.size(), share.amount);
  bool const whole = result.ec == std::errc{} && result.ptr == text.data() + text.size() && !text.empty();
  if (!whole || share.amount < 0 || (share.percent && share.amount > 100)) return refuse();
  terms.max_failures = share;
}

}  // namespace

std::optional<milliseconds> read_length(std::string_view text) {
  std::int64_t number = 0;
  auto const* const end = text.data() + text.size();
  auto const result = std::from_chars(text.data(), end, number);
  std::string_view const unit{result.ptr, static_cast<std::size_t>(end - result.ptr)};
  if (result.ec != std::errc{} || number <= 0 || number > 1'000'000) return {};
  if (unit == "m") return minutes{number};
  if (unit == "h") return hours{number};
  if (unit == "d") return hours{24 * number};
  return {};
}

std::optional<Instant> read_moment(std::string_view text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (!take_number(text, 4, year) || !take_one_of(text, "-") || !take_number(text, 2, month) ||
      !take_one_of(text, "-") || !take_number(text, 2, day) || !take_one_of(text, "Tt ") ||
      !take_number(text, 2, hour) || !take_one_of(text, ":") || !take_number(text, 2, minute))
    return {};
  if (take_one_of(text, ":") && !take_number(text, 2, second)) return {};
  take_one_of(text, " ");
  auto const east = zone(text);
  std::chrono::year_month_day const date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!east || !date.ok() || hour > 23 || minute > 59 || second > 59) return {};
  return std::chrono::sys_days{date} + hours{hour} + minutes{minute - *east} + seconds{second};
}

std::optional<Money> read_price(View value, std::string_view what, std::string_view currency,
                                Complaints& complaints) {
  auto const refuse = [&](std::string const& given) {
    complaints.add(value, fmt::format("{} wants an amount with its currency such as '40 {}', not {}", what,
                                      currency, given));
  };
  if (!value.is(Node::Kind::Scalar)) return refuse(spoken(value)), std::nullopt;
  auto const text = read_word(value, what, complaints);
  if (!text) return {};
  auto const blank = text->find_first_of(" \t");
  auto const amount = read_money(std::string_view{*text}.substr(0, blank));
  auto const unit = blank == std::string::npos ? std::string{} : trimmed(text->substr(blank));
  if (!amount || unit.empty()) return refuse(fmt::format("'{}'", *text)), std::nullopt;
  if (unit == currency) return amount;
  complaints.add(value, fmt::format("{} is in {}, and prices are in {}", what, unit, currency));
  return {};
}

void read_budget(View map, std::string_view currency, Budget& budget, Complaints& complaints) {
  constexpr std::int64_t kMost = 1'000'000'000;
  Fields const fields{map, keys_of(budget_keys()), complaints};
  for (auto const& [key, value] : fields.all())
    if (key.text() == "pictures")
      budget.pictures = read_integer(value, "pictures", 1, kMost, complaints);
    else
      budget.cost = read_price(value, "cost", currency, complaints);
}

bool read_term(Field const& field, std::string_view currency, ManifestHead& head, Complaints& complaints) {
  auto const& key = field.key.text();
  auto& terms = head.terms;
  if (key == "on_uncertain") {
    terms.on_doubt = read_word_of(field, {OnDoubt::Adopt, OnDoubt::Hold, OnDoubt::Resubmit}, complaints)
                         .value_or(terms.on_doubt);
  } else if (key == "priority") {
    terms.priority = read_word_of(field, {Priority::Low, Priority::Normal, Priority::High}, complaints)
                         .value_or(terms.priority);
  } else if (key == "fetch") {
    terms.fetch =
        read_word_of(field, {FetchInputs::Never, FetchInputs::OnFailure, FetchInputs::Always}, complaints)
            .value_or(terms.fetch);
  } else if (key == "refill") {
    terms.refill = read_boolean(field.value, key, complaints).value_or(terms.refill);
  } else if (key == "deadline") {
    read_deadline(field.value, head, complaints);
  } else if (key == "budget") {
    read_budget(field.value, currency, terms.budget, complaints);
  } else if (key == "max_failures") {
    read_failures(field.value, terms, complaints);
  } else {
    return false;
  }
  return true;
}

}  // namespace wanspool::yaml

#include "manifest/complaints.h"

#include <fmt/format.h>

#include "base/harmless.h"

#include <algorithm>

namespace wanspool {

std::string Complaint::with(char const* kind) const {
  auto const place = harmless(file), said = harmless_lines(text);
  if (line == 0) return fmt::format("{}: {}: {}", place, kind, said);
  if (column == 0) return fmt::format("{}:{}: {}: {}", place, line, kind, said);
  return fmt::format("{}:{}:{}: {}: {}", place, line, column, kind, said);
}

namespace yaml {
namespace {

constexpr std::size_t kMost = 100;

std::string spelled(Place place) {
  return fmt::format("{}:{}", place.line, place.column);
}

std::string and_others(std::size_t number) {
  if (number == 0) return {};
  return number == 1 ? ", and in 1 other" : fmt::format(", and in {} others", number);
}

std::string rows(std::size_t number) {
  return number == 1 ? "1 other row" : fmt::format("{} other rows", number);
}

// What concerns the whole text has no offset and comes first.
std::size_t order(std::size_t at) {
  return at == kNowhere ? 0 : at + 1;
}

}  // namespace

void Complaints::put(Entry entry, std::string_view name) {
  ++count_;
  for (auto& each : entries_)
    if (each.at == entry.at && each.text == entry.text) return void(each.others += which_ != nullptr);
  if (entries_.size() < kMost) {
    if (which_) entry.which = which_(entry.at, name);
    entries_.push_back(std::move(entry));
  } else {
    more_ = true;
  }
}

void Complaints::add_once(View view, std::string text) {
  for (auto& each : entries_)
    if (each.once && each.text == text) return void((++count_, ++each.others));
  Entry entry{view.at(), std::move(text), {}, view.way(), view.from()};
  entry.once = true;
  put(std::move(entry));
}

void Complaints::add_in_file(std::string const& file, Place place, View user, std::string text,
                             std::string_view name) {
  ++count_;
  for (auto& each : elsewhere_) {
    if (each.file != file || each.place != place || each.text != text) continue;
    each.other_users += each.last_user != user.at();
    each.last_user = user.at();
    each.others += which_ != nullptr;
    return;
  }
  Entry entry{user.at(), std::move(text), {}, user.way(), user.from()};
  entry.file = file;
  entry.place = place;
  entry.last_user = user.at();
  put_elsewhere(std::move(entry), name);
}

void Complaints::add_row(std::string const& file, Place place, std::string text) {
  ++count_;
  for (auto& each : elsewhere_)
    if (each.file == file && each.text == text) return void(++each.other_rows);
  Entry entry{kNowhere, std::move(text)};
  entry.file = file;
  entry.place = place;
  put_elsewhere(std::move(entry), {});
}

void Complaints::put_elsewhere(Entry entry, std::string_view name) {
  more_ = more_ || elsewhere_.size() == kMost;
  if (more_) return;
  if (which_) entry.which = which_(kNowhere, name);
  elsewhere_.push_back(std::move(entry));
}

bool Complaints::same_as(Complaints const& other) const {
  auto const same = [](Entry const& a, Entry const& b) {
    return a.at == b.at && a.text == b.text && a.file == b.file && a.place == b.place;
  };
  return std::equal(entries_.begin(), entries_.end(), other.entries_.begin(), other.entries_.end(), same) &&
         std::equal(elsewhere_.begin(), elsewhere_.end(), other.elsewhere_.begin(), other.elsewhere_.end(),
                    same);
}

void Complaints::adopt(Complaints const& other) {
  count_ += other.count_;
  entries_.insert(entries_.end(), other.entries_.begin(), other.entries_.end());
  elsewhere_.insert(elsewhere_.end(), other.elsewhere_.begin(), other.elsewhere_.end());
}

Complaint Complaints::written(Entry const& entry) const {
  Complaint complaint{file_, 0, 0, entry.text};
  if (!entry.file.empty()) {
    complaint.file = entry.file;
    complaint.line = entry.place.line;
    complaint.column = entry.place.column;
    if (entry.at != kNowhere)
      complaint.text += fmt::format(" (used at {}:{}{})", file_, spelled(text_.place(entry.at)),
                                    and_others(entry.other_users));
    if (entry.other_rows > 0) complaint.text += fmt::format(" (and {} like this)", rows(entry.other_rows));
  } else if (entry.at != kNowhere) {
    auto const place = text_.place(entry.at);
    complaint.line = place.line;
    complaint.column = place.column;
  }
  if (entry.other) complaint.text += " " + spelled(text_.place(*entry.other));
  if (entry.way == View::Way::Alias)
    complaint.text += fmt::format(" (used by the alias at {})", spelled(text_.place(entry.from)));
  if (entry.way == View::Way::Default)
    complaint.text += fmt::format(" (a default, used by the job at {})", spelled(text_.place(entry.from)));
  if (!entry.which.empty()) complaint.text += fmt::format(" ({}{})", entry.which, and_others(entry.others));
  if (entry.which.empty() && entry.once && entry.others > 0)
    complaint.text +=
        fmt::format(" (used {} more)", entry.others == 1 ? "once" : fmt::format("{} times", entry.others));
  return complaint;
}

std::vector<Complaint> Complaints::take() {
  std::stable_sort(entries_.begin(), entries_.end(),
                   [](Entry const& a, Entry const& b) { return order(a.at) < order(b.at); });
  std::vector<Complaint> complaints;
  for (auto const& entry : entries_) complaints.push_back(written(entry));
  for (auto const& entry : elsewhere_) complaints.push_back(written(entry));
  if (more_) complaints.push_back({file_, 0, 0, fmt::format("there are more mistakes than these {}", kMost)});
  return complaints;
}

}  // namespace yaml
}  // namespace wanspool

#include "engine/uploads.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "base/files.h"
#include "base/log.h"
#include "base/sha256.h"
#include "provider/addresses.h"

namespace wanspool {
namespace {

// Contract §7: 48 hours, and the service has to fetch it from there yet, perhaps after a long queue.
constexpr hours kAddressLife{44};
constexpr int kAtOnce = 4;
// The bodies lie in memory while they are sent.
constexpr std::size_t kBytesAtOnce = 24u << 20;
constexpr seconds kLeaveMargin{30};
constexpr std::size_t kRemembered = 20'000;

}  // namespace

Uploads::Look Uploads::look(LaneKey const& lane, Content const& content, Instant now) {
  Key const key{lane, content.sha256()};
  auto found = entries_.find(key);
  if (found == entries_.end()) {
    if (entries_.size() >= kRemembered)
      std::erase_if(entries_, [](auto const& each) { return each.second.stage == Stage::There; });
    found = entries_.emplace(key, Entry{}).first;
    found->second.content = content;
    if (auto const known = store_.upload(lane.account, lane.model, key.second)) {
      found->second.stage = Stage::There;
      found->second.address = known->address;
      found->second.at = known->at;
    } else {
      wanted_.push_back(key);
    }
  }
  auto& entry = found->second;
  if (entry.stage == Stage::There && entry.at + kAddressLife <= now) {
    entry.stage = Stage::Wanted;
    entry.content = content;
    wanted_.push_back(key);
  }
  if (entry.stage == Stage::There) return {Stand::There, entry.address, {}};
  if (entry.stage != Stage::Lost) return {};
  Look look{Stand::Lost, {}, entry.trouble};
  entries_.erase(found);  // whoever wants it next may be luckier
  return look;
}

bool Uploads::has_room(std::size_t bytes) const {
  return under_way_ == 0 || (under_way_ < kAtOnce && bytes_ + bytes <= kBytesAtOnce);
}

bool Uploads::has_leave(LaneKey const& lane, Instant now) {
  auto& leave = leaves_[lane];
  if (leave.policy && leave.policy->until - kLeaveMargin > now) return true;
  if (leave.asked || leave.not_before > now) return false;
  leave.policy.reset();
  leave.asked = true;
  policies_.emplace(outside_.send(provider::policy_request(outside_.endpoint(lane.account), lane.model)),
                    lane);
  return false;
}

void Uploads::step(Instant now) {
  if (wanted_.empty() && under_way_ == 0) complaints_.clear();  // nobody waits for one any more
  for (std::size_t at = 0; at < wanted_.size();) {
    auto const key = wanted_[at];
    auto& entry = entries_.at(key);
    if (entry.not_before > now || !has_leave(key.first, now)) {
      ++at;
      continue;
    }
    std::error_code ignored;
    entry.bytes = 0;
    for (auto const& place : entry.content.places)
      if (auto const size = std::filesystem::file_size(place, ignored); !ignored) {
        entry.bytes = size;
        break;
      }
    if (!has_room(entry.bytes)) return;
    wanted_.erase(wanted_.begin() + static_cast<std::ptrdiff_t>(at));
    begin(key, entry);
  }
}

Instant Uploads::next_step(Instant now) const {
  auto soonest = Instant::max();
  for (auto const& key : wanted_) {
    auto const leave = leaves_.find(key.first);
    auto chance = entries_.at(key).not_before;
    if (leave != leaves_.end()) {
      if (leave->second.asked) continue;
      if (!leave->second.policy) chance = std::max(chance, leave->second.not_before);
    }
    // What waits for room waits for a reply.
    if (chance > now) soonest = std::min(soonest, chance);
  }
  return soonest;
}

// What was checked is what is sent: the bytes are summed once more, for whoever may write there.
Uploads::Read Uploads::read(Content const& content) {
  auto const sha256 = content.sha256();
  std::string why;
  for (auto const& place : content.places) {
    std::error_code missing;
    if (!std::filesystem::is_regular_file(place, missing)) continue;
    try {
      auto bytes = read_file(place);
      if (sha256_hex(bytes) == sha256) return {std::move(bytes), {}};
      why = fmt::format("{} is not as it was any more", place.string());
    } catch (std::system_error const& error) {
      why = error.what();
    }
  }
  if (why.empty()) why = fmt::format("{} is not there any more", content.places.front().string());
  return {{}, why};
}

void Uploads::begin(Key const& key, Entry& entry) {
  entry.stage = Stage::Reading;
  ++under_way_;
  bytes_ += entry.bytes;
  workers_.submit([this, key, content = entry.content]() -> Workers::After {
    auto read = std::make_shared<Read>(Uploads::read(content));
    return [this, key, read] {
      if (read->trouble.empty()) return post(key, std::move(read->bytes));
      auto& lost = entries_.at(key);
      end_flight(lost);
      lose(lost, "InputMissing", read->trouble);
    };
  });
}

void Uploads::post(Key const& key, std::string bytes) {
  auto& entry = entries_.at(key);
  auto const& leave = leaves_.at(key.first);
  if (!leave.policy) {  // it was taken back meanwhile
    end_flight(entry);
    entry.stage = Stage::Wanted;
    wanted_.push_front(key);
    return;
  }
  entry.stage = Stage::Going;
  entry.name = fmt::format("{}-{}", ++names_, entry.content.name);
  entry.address = provider::address_of(*leave.policy, entry.name);
  uploads_.emplace(outside_.send(provider::upload_request(*leave.policy, entry.name, key.second, bytes)),
                   key);
}

bool Uploads::hear(Reply const& reply, Instant now) {
  if (auto const upload = uploads_.find(reply.ticket); upload != uploads_.end()) {
    auto const key = upload->second;
    uploads_.erase(upload);
    return hear_upload(key, reply, now), true;
  }
  auto const policy = policies_.find(reply.ticket);
  if (policy == policies_.end()) return false;
  auto const lane = policy->second;
  policies_.erase(policy);
  return hear_policy(lane, reply, now), true;
}

void Uploads::hear_policy(LaneKey const& lane, Reply const& reply, Instant now) {
  auto& leave = leaves_.at(lane);
  leave.asked = false;
  auto answer = provider::read_policy(reply, now);
  if (auto const* const policy = std::get_if<provider::UploadPolicy>(&answer); policy && outside_.why_not)
    if (auto why = outside_.why_not(policy->host); !why.empty())
      answer = Trouble{Trouble::Kind::Lane, provider::kAddressRefused, std::move(why)};
  if (auto* const policy = std::get_if<provider::UploadPolicy>(&answer)) {
    leave.policy = std::move(*policy);
    leave.misses = 0;
    complaints_.emplace(lane.account, "");
    return;
  }
  auto const& trouble = std::get<Trouble>(answer);
  leave.not_before = now + std::max(trouble.retry_after, wait_of(backoff_, leave.misses++,
                                                                 std::hash<std::string>{}(name_of(lane))));
  complain(lane.account, trouble.message, "no input picture goes up: " + trouble.message);
  if (trouble.kind == Trouble::Kind::Account) outside_.tell(lane, trouble);
}

void Uploads::hear_upload(Key const& key, Reply const& reply, Instant now) {
  using Kind = provider::UploadEnd::Kind;
  auto& entry = entries_.at(key);
  auto const& [lane, sha256] = key;
  end_flight(entry);
  auto const end = provider::read_upload(reply);
  if (end.kind == Kind::Done) {
    complaints_[lane.account].clear();
    entry.stage = Stage::There;
    entry.at = now;
    entry.misses = 0;
    log::debug("{} lies at the provider, for {}", entry.content.name, name_of(lane));
    news_.push_back({lane.account, lane.model, sha256, entry.address, now});
    return;
  }
  if (end.kind == Kind::Never) return lose(entry, "UploadRefused", end.words);
  if (end.kind == Kind::Anew) leaves_.at(lane).policy.reset();
  complain(lane.account, end.words, end.words + "; it is tried again");
  entry.stage = Stage::Wanted;
  entry.not_before =
      now + std::max(end.wait, wait_of(backoff_, entry.misses++, std::hash<std::string>{}(sha256)));
  wanted_.push_back(key);
}

void Uploads::forget(LaneKey const& lane, Content const& content, Instant sent, Instant now) {
  Key const key{lane, content.sha256()};
  auto& entry = entries_[key];
  if (entry.stage == Stage::There && entry.at > sent) return;
  if (entry.stage != Stage::There && !entry.content.name.empty()) return;  // it is on its way
  entry.stage = Stage::Wanted;
  entry.content = content;
  wanted_.push_back(key);
  news_.push_back({lane.account, lane.model, key.second, {}, now});
}

void Uploads::complain(std::string const& account, std::string const& words, std::string const& told) {
  auto& its = complaints_[account];
  if (its != words) log::warning("{}", told);
  its = words;
}

bool Uploads::is_stuck(std::string const& account) const {
  auto const found = complaints_.find(account);
  return found != complaints_.end() && !found->second.empty();
}

std::string Uploads::complaint() const {
  for (auto const& [account, words] : complaints_)
    if (words.empty()) return {};
  return complaints_.empty() ? std::string{} : complaints_.begin()->second;
}

void Uploads::lose(Entry& entry, std::string code, std::string words) {
  entry.stage = Stage::Lost;
  entry.trouble = {Trouble::Kind::Fatal, std::move(code), std::move(words)};
}

void Uploads::end_flight(Entry& entry) {
  --under_way_;
  bytes_ -= entry.bytes;
}

}  // namespace wanspool

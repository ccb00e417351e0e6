#include "engine/fetches.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/disk.h"
#include "base/files.h"
#include "base/log.h"
#include "engine/local_pictures.h"
#include "manifest/manifest.h"
#include "net/address.h"

namespace wanspool {
namespace {

// After that long the address may show something else.
constexpr hours kFresh{24};
constexpr int kAtOnce = 4;
constexpr int kRedirectsMost = 5;
constexpr int kMissesMost = 3;
constexpr seconds kDiskWait{5};
constexpr std::size_t kRemembered = 1000;

// An address without what may be secret in it.
std::string shown(std::string const& address) {
  return address.substr(0, address.find('?'));
}

}  // namespace

class Fetches::Sink final : public BodySink {
 public:
  explicit Sink(std::filesystem::path path) : path_{std::move(path)} {}

  bool begin(int, std::string_view) override {
    return attempt([&] { file_ = disk::create(path_, 0640); });
  }
  bool take(std::string_view bytes) override {
    return attempt([&] { disk::write(file_.get(), bytes, path_); });
  }
  std::string complaint() const override { return complaint_; }

 private:
  template <typename Work>
  bool attempt(Work const& work) {
    try {
      work();
      return true;
    } catch (std::system_error const& error) {
      complaint_ = error.what();
      return false;
    }
  }

  std::filesystem::path path_;
  Fd file_;
  std::string complaint_;
};

Fetches::Look Fetches::look(std::string const& address, Model const& model, Instant now) {
  auto found = entries_.find(address);
  if (found == entries_.end()) {
    if (entries_.size() >= kRemembered)
      std::erase_if(entries_, [](auto const& each) { return each.second.stage == Stage::There; });
    found = entries_.emplace(address, Entry{}).first;
    found->second.model = &model;
    found->second.url = address;
    std::error_code missing;
    auto const known = store_.fetched(address);
    if (known && std::filesystem::exists(folder_ / known->file, missing)) {
      found->second.stage = Stage::There;
      found->second.file = known->file;
      found->second.at = known->at;
    }
  }
  auto& entry = found->second;
  if (entry.stage == Stage::There && entry.at + kFresh <= now) {
    entry = Entry{};
    entry.model = &model;
    entry.url = address;
  }
  if (entry.stage == Stage::There) return {Stand::There, entry.file, {}};
  if (entry.stage != Stage::Lost) return {};
  Look look{Stand::Lost, {}, entry.trouble};
  entries_.erase(found);
  return look;
}

void Fetches::step(Instant now) {
  now_ = now;
  for (auto& [address, entry] : entries_) {
    if (flights_.size() >= kAtOnce) return;
    if (entry.stage == Stage::Wanted && entry.not_before <= now) begin(address, entry);
  }
}

Instant Fetches::next_step(Instant now) const {
  auto soonest = Instant::max();
  for (auto const& [address, entry] : entries_)
    if (entry.stage == Stage::Wanted && entry.not_before > now) soonest = std::min(soonest, entry.not_before);
  return soonest;
}

void Fetches::begin(std::string const& address, Entry& entry) {
  entry.stage = Stage::Going;
  entry.part = parts_folder_ / fmt::format("fetched-{}.part", ++parts_);
  log::debug("fetching {}", shown(entry.url));
  auto request = provider::fetch_request(entry.url, entry.model->inputs.bytes);
  entry.sink = std::make_shared<Sink>(entry.part);
  request.sink = entry.sink;
  flights_.emplace(send_(std::move(request)), address);
}

bool Fetches::hear(Reply const& reply, Instant now) {
  using Kind = provider::FetchEnd::Kind;
  auto const flight = flights_.find(reply.ticket);
  if (flight == flights_.end()) return false;
  auto const address = flight->second;
  flights_.erase(flight);
  now_ = now;
  auto& entry = entries_.at(address);
  auto const end = provider::read_fetch(reply);
  switch (end.kind) {
    case Kind::Done:
      check(address);
      break;
    case Kind::Elsewhere:
      entry.url = joined_url(entry.url, end.words);
      if (++entry.redirects > kRedirectsMost || entry.url.empty())
        lose(entry, "the server sends from one address to the next without an end");
      else
        begin(address, entry);
      break;
    case Kind::Later:
      miss(entry, end.words, end.wait, now);
      break;
    case Kind::Never:
      if (auto const words = entry.sink->complaint(); !words.empty())
        wait_for_disk(entry, words);
      else
        lose(entry, end.words);
      break;
  }
  return true;
}

void Fetches::check(std::string const& address) {
  auto& entry = entries_.at(address);
  entry.stage = Stage::Checking;
  workers_.submit([this, address, part = entry.part, model = entry.model]() -> Workers::After {
    std::string file, why_not, disk;
    try {
      auto const picture = LocalPictures{}.look({part, {}});
      auto const unfit = why_unfit(picture, shown(address), *model);
      why_not = !picture.why_not.empty() ? picture.why_not : unfit.empty() ? "" : unfit.front();
      if (why_not.empty()) move_file_safely(part, folder_ / picture.name);
      file = picture.name;
    } catch (std::system_error const& error) {
      disk = error.what();
    }
    std::error_code ignored;
    std::filesystem::remove(part, ignored);  // where it was not moved
    return [this, address, file, why_not, disk] {
      if (disk.empty()) return checked(address, file, why_not);
      wait_for_disk(entries_.at(address), disk);
    };
  });
}

void Fetches::checked(std::string const& address, std::string file, std::string why_not) {
  auto& entry = entries_.at(address);
  if (!why_not.empty()) return lose(entry, std::move(why_not));
  entry.stage = Stage::There;
  entry.file = std::move(file);
  entry.at = now_;
  news_.push_back({address, entry.file, now_});
}

void Fetches::lose(Entry& entry, std::string words) {
  entry.stage = Stage::Lost;
  entry.trouble = {Trouble::Kind::Fatal, "InputNotFetched",
                   fmt::format("cannot fetch {}: {}", shown(entry.url), words)};
}

// Nothing of it is the job's fault.
void Fetches::wait_for_disk(Entry& entry, std::string const& words) {
  log::warning("a fetched picture cannot be kept: {}; it is tried again", words);
  entry.stage = Stage::Wanted;
  entry.not_before = now_ + kDiskWait;
}

// Nothing is lost by trying for a while; the picture's job waits meanwhile, and others do not.
void Fetches::miss(Entry& entry, std::string words, milliseconds wait, Instant now) {
  if (++entry.misses >= kMissesMost) return lose(entry, std::move(words));
  entry.stage = Stage::Wanted;
  entry.not_before =
      now + std::max(wait, wait_of(backoff_, entry.misses, std::hash<std::string>{}(entry.url)));
}

}  // namespace wanspool

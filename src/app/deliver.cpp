#include "app/deliver.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <system_error>

#include "app/exit.h"
#include "app/keeper.h"
#include "base/disk.h"
#include "base/files.h"
#include "engine/inbox_names.h"

namespace wanspool::app {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kManifestMost = 512u << 20;
constexpr int kLookEvery = 100;  // milliseconds

Delivery::Mark mark_of(fs::path const& file) {
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0) return {};
  return {info.st_ino, info.st_ctim.tv_sec * 1'000'000'000 + info.st_ctim.tv_nsec};
}

fs::path receipt_of(Spool const& spool, std::string const& source) {
  return spool.accepted / (name_on_disk(source) + ".receipt.txt");
}

fs::path error_of(Spool const& spool, std::string const& source) {
  return spool.rejected / (name_on_disk(source) + ".error.txt");
}

std::string text_in(fs::path const& file) {
  try {
    auto text = read_file(file, 1 << 20);
    while (text.ends_with('\n')) text.pop_back();
    return text;
  } catch (std::system_error const& error) {
    return error.what();
  }
}

// Its name is hidden until it is whole; a reader of the folder never sees a part of it.
void hand_over(fs::path const& to, std::string_view text) {
  auto const hidden = to.parent_path() / fmt::format(".{}-{}", ::getpid(), to.filename().string());
  try {
    auto const fd = disk::create(hidden, 0666);
    disk::write(fd.get(), text, hidden);
    disk::sync(fd.get(), hidden);
    disk::rename(hidden, to);
  } catch (...) {
    ::unlink(hidden.c_str());
    throw;
  }
  disk::sync_folder(to.parent_path());
}

// A receipt's lines as one: "jobs 3, new 3, price 0.60 CNY at most".
std::string in_one_line(std::string const& receipt) {
  std::string line;
  for (auto const c : receipt) {
    if (c == '\n')
      line += ", ";
    else if (c != ' ' || !line.ends_with(' '))
      line += c;
  }
  return line;
}

void tell(Delivery const& delivery, Became const& became, Screen& screen) {
  // What is written down is in UTC.
  if (became.fate == Fate::Accepted)
    screen.say("accepted " + delivery.source + ": " +
               with_local_times(in_one_line(became.text), BootClock{}.now()));
  if (became.fate == Fate::Rejected) screen.say("rejected " + delivery.source + "\n" + became.text);
}

Delivery expecting(Spool const& spool, std::string const& source) {
  return {source, mark_of(receipt_of(spool, source)), mark_of(error_of(spool, source))};
}

[[noreturn]] void refuse_second(fs::path const& to) {
  throw Quit{kFailed, fmt::format("{} holds another manifest that nobody has taken yet; start a daemon, or "
                                  "give this one another name",
                                  to.string())};
}

}  // namespace

Delivery deliver(Spool const& spool, Paper const& paper) {
  auto const source = paper.source();
  if (!paper.is_bundle()) return deliver(spool, source, read_file(paper.proposal.manifest, kManifestMost));
  auto const to = spool.inbox / source;
  auto delivery = expecting(spool, source);
  std::error_code ignored;
  if (fs::exists(fs::symlink_status(to, ignored))) refuse_second(to);
  Parcel{spool, paper}.send(to);
  return delivery;
}

Delivery deliver(Spool const& spool, std::string const& source, std::string_view text) {
  auto const to = spool.inbox / source;
  auto delivery = expecting(spool, source);
  std::error_code ignored;
  if (!fs::exists(to, ignored))
    hand_over(to, text);
  else if (read_file(to, kManifestMost) != text)
    refuse_second(to);
  return delivery;
}

Became what_became(Spool const& spool, Delivery const& delivery) {
  auto const receipt = receipt_of(spool, delivery.source), error = error_of(spool, delivery.source);
  auto const received = mark_of(receipt), refused = mark_of(error);
  // An accepted manifest takes its old complaint away, so that a complaint that is gone is no news.
  if (refused != Delivery::Mark{} && refused != delivery.error) return {Fate::Rejected, text_in(error)};
  if (received == delivery.receipt) return {};
  auto const text = text_in(receipt);
  auto const words = std::min(text.find("\n\n"), text.size());
  return {Fate::Accepted, text.substr(0, words), text.substr(std::min(words + 2, text.size()))};
}

Sorted await(Spool const& spool, std::vector<Delivery> deliveries, milliseconds most, Screen& screen,
             Signals& signals) {
  Sorted sorted;
  BootClock const clock;
  auto const until = clock.now() + most;
  bool warned = false;
  for (;;) {
    std::erase_if(deliveries, [&](Delivery const& each) {
      auto const became = what_became(spool, each);
      tell(each, became, screen);
      sorted.accepted += became.fate == Fate::Accepted;
      sorted.rejected += became.fate == Fate::Rejected;
      return became.fate != Fate::Waiting;
    });
    sorted.waiting = deliveries.size();
    if (deliveries.empty() || (most.count() > 0 && clock.now() >= until)) return sorted;
    if (!warned && !keeper_of(spool).is_there) {
      screen.say(
          "no daemon has this spool now; it goes on when one is started: wanspool daemon, or wanspool run");
      warned = true;
    }
    sorted.interrupted = signals.wait(kLookEvery) != 0;
    if (sorted.interrupted) return sorted;
  }
}

}  // namespace wanspool::app

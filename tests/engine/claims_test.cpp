#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <functional>
#include <utility>

#include "engine/claim_name.h"
#include "engine/house.h"
#include "engine/inbox_names.h"
#include "engine/inbox_report.h"

using namespace wanspool;
using namespace wanspool::test;
namespace fs = std::filesystem;

TEST_SUITE_BEGIN("engine");

namespace {

bool holds(std::string const& text, std::string const& part) {
  return text.find(part) != std::string::npos;
}

std::string named(std::string const& name, int jobs, std::string const& prompt) {
  return "name: " + name + "\n" + House::manifest_of(jobs, prompt);
}

// Nothing can be moved into state/claims from where somebody drops it.
int only_copies(std::string const& call, std::string const& path) {
  bool const claims = call == "rename" && holds(path, "/claims/");
  return claims && !fs::exists(path + ".part") ? EXDEV : 0;
}

fs::path only_entry(fs::path const& folder) {
  auto const at = fs::directory_iterator{folder};
  REQUIRE(at != fs::directory_iterator{});
  return at->path();
}

// Root may read everything: as long as it lives this thread touches files as somebody who may not.
class Nobody {
 public:
  explicit Nobody(fs::path const& place) {
    if (::geteuid() != 0) return;
    REQUIRE(::chown(place.c_str(), kId, kId) == 0);
    ::setfsuid(kId);
  }
  Nobody(Nobody const&) = delete;
  ~Nobody() { ::setfsuid(::geteuid()); }

 private:
  static constexpr uid_t kId = 65534;
};

}  // namespace

TEST_CASE("a claim's name tells its source, and of a copy whose it was and of what") {
  Instant const at{milliseconds{1'764'000'000'123}};
  auto const moved = claim_name(at, 10'007, "a-b+c.yaml");
  CHECK(moved == "17640000001230007-a-b+c.yaml");
  CHECK(source_of(moved) == "a-b+c.yaml");
  CHECK_FALSE(copied_from(moved));
  CHECK(claimed_at(moved) == at);
  auto const copied = claim_name(at, 7, "a-b+c.yaml", {1001, "0123456789ab"});
  CHECK(source_of(copied) == "a-b+c.yaml");
  CHECK(copied_from(copied) == CopiedFrom{1001, "0123456789ab"});
  CHECK(claimed_at(copied) == at);
  CHECK(command_id(copied) == command_id(claim_name(at + hours{1}, 8, "a-b+c.yaml", {1001, "0123456789ab"})));
  CHECK(command_id(moved) == moved);
}

TEST_CASE("a name that is too long for what is put before and behind it is cut, and stays one of its own") {
  std::string const end = ".yaml";
  auto const long_one = std::string(250, 'a') + end, other = std::string(249, 'a') + "b" + end;
  CHECK(name_on_disk(long_one).size() <= 200);
  CHECK(name_on_disk(long_one).ends_with(end));
  CHECK(name_on_disk(long_one) != name_on_disk(other));
  CHECK(name_on_disk("cats.yaml") == "cats.yaml");
  std::string umlauts;
  while (umlauts.size() < 248) umlauts += "ü";
  auto const cut = name_on_disk(umlauts + end);
  CHECK(normal_name(cut).size() > 0);
  CHECK((static_cast<unsigned char>(cut[cut.find('-') - 1]) & 0xC0) ==
        0x80);  // not in the middle of a letter
}

TEST_CASE("names that are odd are taken or rejected under names that the file system takes") {
  World world{80};
  House house{world};
  house.open();
  auto const long_name = std::string(250, 'x') + ".yaml", long_wrong = std::string(251, 'y') + ".txt";
  house.drop("two words.yaml", named("words", 1, "a kite"));
  house.drop("line\nbreak.yaml", named("break", 1, "a boat"));
  house.drop("\xff\xfe.yaml", named("bytes", 1, "a lamp"));
  house.drop("-rf.yaml", named("minus", 1, "a cup"));
  std::ofstream{house.root / "inbox" / long_name} << named("long", 1, "a tree");
  std::ofstream{house.root / "inbox" / long_wrong} << "no manifest";
  house.drop("bad\nname.yaml", "manifest: 1\njobs: []\n");
  CHECK(house.run());
  CHECK(house.engine->tally()[State::Done] == 5);
  CHECK(house.receipts.size() == 7);
  CHECK(fs::is_empty(house.root / "inbox"));
  std::vector<std::string> const names{"two words.yaml", "line\nbreak.yaml", "\xff\xfe.yaml", "-rf.yaml",
                                       name_on_disk(long_name)};
  for (auto const& name : names) {
    CHECK(house.is_there("accepted/" + name));
    CHECK(house.is_there("accepted/" + name + ".receipt.txt"));
  }
  CHECK(house.is_there("rejected/" + name_on_disk(long_wrong) + ".error.txt"));
  // One complaint is one line.
  CHECK(house.text("rejected/bad\nname.yaml.error.txt").starts_with("bad?name.yaml:"));
}

TEST_CASE("a file that is renamed over another while that is claimed is taken once, and the first never") {
  World world{81};
  House house{world};
  house.config.settle = seconds{2};
  house.open();
  house.drop("m.yaml", named("first", 1, "a kite"));
  bool swapped = false;
  disk_fault = [&](std::string const& call, std::string const& path) {
    if (call == "rename" && holds(path, "/claims/") && !std::exchange(swapped, true))
      house.drop("m.yaml", named("second", 2, "a boat"));
    return 0;
  };
  CHECK(house.run());
  CHECK(swapped);
  CHECK(house.receipts.size() == 1);
  CHECK(house.receipts.front().manifest == "second");
  CHECK(house.engine->tally()[State::Done] == 2);
}

TEST_CASE("a file that is written on while it is claimed goes back until it is whole") {
  World world{82};
  House house{world};
  house.config.settle = seconds{2};
  house.open();
  auto const whole = House::manifest_of(3);
  auto const half = whole.substr(0, whole.find("  - { id: job-2"));
  house.drop("m.yaml", half);  // its first lines parse
  std::ofstream writer;
  disk_fault = [&](std::string const& call, std::string const& path) {
    if (call == "rename" && holds(path, "/claims/") && !writer.is_open()) {
      writer.open(house.root / "inbox/m.yaml", std::ios::app);
      writer << whole.substr(half.size()) << std::flush;
    }
    return 0;
  };
  auto const end = world.now() + minutes{5};
  while (world.now() < end) house.engine->turn(end);
  CHECK(house.receipts.empty());
  CHECK(house.is_there("inbox/m.yaml"));
  writer.close();
  disk_fault = {};
  CHECK(house.run());
  REQUIRE(house.receipts.size() == 1);
  CHECK(house.receipts.front().taken.jobs == 3);
}

TEST_CASE("the same name dropped again while the first is being taken is taken after it") {
  World world{83};
  House house{world};
  house.open();
  house.drop("m.yaml", named("m", 1, "a kite"));
  bool again = false;
  disk_fault = [&](std::string const& call, std::string const& path) {
    if (call == "create" && holds(path, "/spill/") && !std::exchange(again, true))
      house.drop("m.yaml", named("m", 2, "a kite"));
    return 0;
  };
  CHECK(house.run());
  REQUIRE(house.receipts.size() == 2);
  CHECK(house.receipts[0].taken.jobs == 1);
  CHECK(house.receipts[1].taken.jobs == 2);
  CHECK(house.engine->tally()[State::Done] == 2);
}

TEST_CASE("a claim that somebody goes on writing is read again, and whole") {
  World world{84};
  House house{world};
  house.open();
  auto const whole = House::manifest_of(3);
  auto const half = whole.substr(0, whole.find("  - { id: job-2"));
  house.drop("m.yaml", half);
  bool written = false;
  disk_fault = [&](std::string const& call, std::string const& path) {
    // The text has been read by then.
    if (call == "create" && holds(path, "/spill/") && !std::exchange(written, true))
      std::ofstream{only_entry(house.root / "state/claims"), std::ios::app} << whole.substr(half.size());
    return 0;
  };
  CHECK(house.run());
  CHECK(written);
  REQUIRE(house.receipts.size() == 1);
  CHECK(house.receipts.front().taken.jobs == 3);
  CHECK(house.engine->tally()[State::Done] == 3);
}

TEST_CASE("a claim that is written for ever is rejected, and others do not wait for it for long") {
  World world{85};
  House house{world};
  house.open();
  house.drop("a.yaml", House::manifest_of(1));
  disk_fault = [&](std::string const& call, std::string const& path) {
    if (call == "create" && holds(path, "/spill/") && holds(path, "-a.yaml"))
      for (auto const& entry : fs::directory_iterator{house.root / "state/claims"})
        if (entry.path().string().ends_with("-a.yaml")) std::ofstream{entry.path(), std::ios::app} << "#\n";
    return 0;
  };
  house.engine->turn(world.now());
  house.drop("b.yaml", named("b", 1, "a boat"));
  CHECK(house.run(minutes{10}));
  CHECK(holds(house.text("rejected/a.yaml.error.txt"), "still being written"));
  CHECK(house.is_there("accepted/b.yaml"));
}

TEST_CASE("two files that make one manifest at the same moment are taken one after the other") {
  World world{86};
  House house{world};
  house.open();
  auto const at = fs::file_time_type::clock::now();
  for (std::string const name : {"b.yaml", "a.yaml"}) {
    std::ofstream{house.root / "inbox" / ("." + name)} << named("cats", name == "a.yaml" ? 1 : 2, "a kite");
    fs::last_write_time(house.root / "inbox" / ("." + name), at);
  }
  for (std::string const name : {"b.yaml", "a.yaml"})
    fs::rename(house.root / "inbox" / ("." + name), house.root / "inbox" / name);
  CHECK(house.run());
  REQUIRE(house.receipts.size() == 2);
  CHECK(house.receipts[0].source == "a.yaml");
  CHECK(house.receipts[1].source == "b.yaml");
  CHECK(house.receipts[1].taken.fresh == 1);
  CHECK(house.engine->tally()[State::Done] == 2);
  CHECK(world.creates == 2);
}

TEST_CASE("what is dropped after the clock was set back is taken after what was claimed before") {
  World world{87};
  House house{world};
  house.open();
  house.close();
  // By a clock that ran ahead, and a crash before it was read.
  auto const ahead = claim_name(world.now() + hours{24}, 0, "old.yaml");
  std::ofstream{house.root / "state/claims" / ahead} << named("m", 1, "a kite");
  house.drop("new.yaml", named("m", 2, "a kite"));
  house.open();
  CHECK(house.run());
  REQUIRE(house.receipts.size() == 2);
  CHECK(house.receipts[0].source == "old.yaml");
  CHECK(house.receipts[1].source == "new.yaml");
  CHECK(house.engine->tally()[State::Done] == 2);
}

TEST_CASE("a file that has settled is taken when the clock jumps, and one that has not is not") {
  World world{88};
  House house{world};
  house.config.settle = seconds{2};
  house.open();
  std::ofstream writer{house.root / "inbox/m.yaml"};
  auto const whole = House::manifest_of(2);
  writer << whole.substr(0, whole.size() - 30) << std::flush;
  house.engine->turn(world.now());
  world.pass(hours{24});
  house.engine->turn(world.now());
  house.engine->turn(world.now());
  CHECK(house.is_there("inbox/m.yaml"));
  writer << whole.substr(whole.size() - 30);
  writer.close();
  CHECK(house.run());
  CHECK(house.engine->tally()[State::Done] == 2);
}

TEST_CASE("a file that vanishes while it is claimed leaves no trace") {
  World world{89};
  House house{world};
  house.open();
  house.drop("m.yaml", House::manifest_of(1));
  disk_fault = [&](std::string const& call, std::string const& path) {
    if (call == "rename" && holds(path, "/claims/")) fs::remove(house.root / "inbox/m.yaml");
    return 0;
  };
  CHECK(house.run());
  CHECK(house.receipts.empty());
  CHECK(fs::is_empty(house.root / "state/claims"));
  CHECK(fs::is_empty(house.root / "rejected"));
}

TEST_CASE("fifos and other things are rejected with the reason, moved or where they lie") {
  World world{90};
  House house{world};
  house.open();
  REQUIRE(::mkfifo((house.root / "inbox/moved.yaml").c_str(), 0600) == 0);
  CHECK(house.run());
  CHECK(holds(house.text("rejected/moved.yaml.error.txt"), "is not a plain file"));
  disk_fault = only_copies;
  REQUIRE(::mkfifo((house.root / "inbox/stays.yaml").c_str(), 0600) == 0);
  fs::create_symlink(house.root / "config.yaml", house.root / "inbox/link.yaml");
  CHECK(house.run());
  CHECK(holds(house.text("rejected/stays.yaml.error.txt"), "is not a plain file"));
  CHECK(holds(house.text("rejected/link.yaml.error.txt"), "is not a plain file"));
  CHECK(house.receipts.size() == 3);
  auto const report = read_report(house.root / "state/inbox.json");
  REQUIRE(report.entries.size() == 2);
  CHECK(report.entries[0].name == "link.yaml");
  CHECK(report.entries[1].why == "is not a plain file");
  fs::remove(house.root / "inbox/stays.yaml");
  fs::remove(house.root / "inbox/link.yaml");
  house.engine->turn(world.now());
  house.engine->turn(world.now());
  CHECK_FALSE(house.is_there("state/inbox.json"));
}

TEST_CASE("a file with a second name waits for its end, and is rejected when that does not come") {
  for (int way = 0; way < 4; ++way) {
    bool const copied = way % 2 != 0, ends = way > 1;
    CAPTURE(way);
    World world{static_cast<unsigned>(97 + way)};
    House house{world};
    house.open();
    std::ofstream{house.root / "mine.yaml"} << House::manifest_of(1);
    fs::create_hard_link(house.root / "mine.yaml", house.root / "inbox/m.yaml");
    if (copied) disk_fault = only_copies;
    auto const end = world.now() + seconds{50};
    while (world.now() < end) house.engine->turn(end);
    CHECK(house.is_there("inbox/m.yaml"));
    CHECK(house.receipts.empty());
    if (ends) fs::remove(house.root / "mine.yaml");
    CHECK(house.run());
    CHECK(world.creates == (ends ? 1 : 0));
    if (!ends) CHECK(holds(house.text("rejected/m.yaml.error.txt"), "has another name (a hard link)"));
    disk_fault = nullptr;
  }
}

TEST_CASE("a file that nobody makes readable is rejected with the reason after a minute") {
  World world{101};
  House house{world};
  Nobody const nobody{house.root};
  house.open();
  house.drop("m.yaml", House::manifest_of(1));
  fs::permissions(house.root / "inbox/m.yaml", fs::perms::none);
  auto const end = world.now() + seconds{50};
  while (world.now() < end) house.engine->turn(end);
  CHECK(house.is_there("inbox/m.yaml"));
  CHECK(house.receipts.empty());
  CHECK(house.run());
  CHECK(world.creates == 0);
  CHECK(house.is_there("rejected/m.yaml"));
  CHECK(holds(house.text("rejected/m.yaml.error.txt"), "Permission denied"));
}

TEST_CASE("where it must be copied, a link that is put in a file's place is not followed") {
  World world{91};
  House house{world};
  house.open();
  std::ofstream{house.root / "secret.yaml"} << named("secret", 1, "a secret");
  house.drop("m.yaml", House::manifest_of(1));
  bool swapped = false;
  disk_fault = [&](std::string const& call, std::string const& path) {
    if (only_copies(call, path) == 0) return 0;
    if (std::exchange(swapped, true)) return EXDEV;
    fs::remove(house.root / "inbox/m.yaml");
    fs::create_symlink(house.root / "secret.yaml", house.root / "inbox/m.yaml");
    return EXDEV;
  };
  CHECK(house.run());
  CHECK(world.creates == 0);
  CHECK(holds(house.text("rejected/m.yaml.error.txt"), "is not a plain file"));
  CHECK(house.text("secret.yaml").size() > 0);
}

TEST_CASE(
    "where it must be copied, what is put in the place of an open file is not what is read or removed") {
  World world{92};
  House house{world};
  house.open();
  house.drop("m.yaml", named("mine", 1, "a kite"));
  bool swapped = false;
  disk_fault = [&](std::string const& call, std::string const& path) {
    if (call == "create" && holds(path, "/claims/") && !std::exchange(swapped, true))
      house.drop("m.yaml", named("other", 1, "a boat"));  // the first has been read by then
    return only_copies(call, path);
  };
  CHECK(house.run());
  CHECK(swapped);
  REQUIRE(house.receipts.size() == 2);
  CHECK(house.receipts[0].manifest == "mine");
  CHECK(house.receipts[1].manifest == "other");
  CHECK(fs::is_empty(house.root / "inbox"));
}

TEST_CASE("what had to be copied and cannot be removed is taken once, and says why it lies there") {
  World world{93};
  House house{world};
  house.open();
  house.drop("redo.yaml", "command: resume\n");
  house.drop("m.yaml", House::manifest_of(1));
  if (::geteuid() == 0) return;  // nobody keeps root from removing it; tests/whole has this as another user
  disk_fault = only_copies;
  fs::permissions(house.root / "inbox", fs::perms::owner_read | fs::perms::owner_exec);
  CHECK(house.run());
  CHECK(house.receipts.size() == 2);
  auto const report = read_report(house.root / "state/inbox.json");
  CHECK(report.entries.size() == 2);
  house.close();
  house.open();
  CHECK(house.run());
  CHECK(world.creates == 1);
  fs::permissions(house.root / "inbox", fs::perms::owner_all);
}

TEST_CASE("hundreds of files at once are each taken or rejected once") {
  World world{95};
  House house{world};
  house.open();
  constexpr int kFiles = 100;
  for (int i = 0; i < kFiles; ++i)
    std::ofstream{house.root / "inbox" / fmt::format("m{}.yaml", i)}
        << (i % 10 == 0 ? "manifest: 1\njobs: []\n" : House::manifest_of(1, fmt::format("kite {}", i)));
  CHECK(house.run());
  CHECK(house.receipts.size() == kFiles);
  CHECK(house.engine->tally()[State::Done] == kFiles - kFiles / 10);
  CHECK(fs::is_empty(house.root / "inbox"));
  CHECK(fs::is_empty(house.root / "state/claims"));
}

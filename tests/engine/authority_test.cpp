#include "engine/authority.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <map>

#include "engine/house.h"

using namespace wanspool;
using namespace wanspool::test;
namespace fs = std::filesystem;

TEST_SUITE_BEGIN("engine");

namespace {

constexpr std::int64_t kAlice = 3001, kBob = 3002, kAdmin = 3003;

Authority authority() {
  std::map<std::string, std::int64_t> const owners{{"cats", kAlice}, {"dogs", kBob}, {"ancient", -1}};
  return {[owners](std::string const& manifest) -> std::optional<std::int64_t> {
            auto const found = owners.find(manifest);
            return found == owners.end() ? std::nullopt : std::optional{found->second};
          },
          [](std::int64_t user) { return user == kAdmin; }};
}

std::string why_not(std::int64_t user, std::vector<std::string> jobs,
                    Command::Verb verb = Command::Verb::Redo) {
  Command command;
  command.verb = verb;
  command.jobs = std::move(jobs);
  return why_not_obeyed(command, user, authority());
}

bool holds(std::string const& text, std::string const& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a manifest's owner commands its jobs, and nobody else's") {
  CHECK(why_not(kAlice, {"cats/tabby"}).empty());
  CHECK(why_not(kAlice, {"cats"}, Command::Verb::Resume).empty());
  CHECK(why_not(kAlice, {"unknown/job"}).empty());  // what is not there is said elsewhere
  auto const words = why_not(kAlice, {"cats/tabby", "dogs/rex"});
  CHECK(holds(words, "'dogs' belongs to the user with id 3002"));
  CHECK(holds(words, "the user with id 3001"));
  CHECK(holds(words, "wanspool-admin"));
}

TEST_CASE("root, the daemon's user and the admins command everybody's jobs") {
  for (auto const user : {std::int64_t{0}, static_cast<std::int64_t>(::geteuid()), kAdmin}) {
    CHECK(why_not(user, {"cats/tabby", "dogs/rex", "ancient/one"}).empty());
    CHECK(why_not(user, {}, Command::Verb::Resume).empty());
    CHECK(why_not(user, {"**"}).empty());
  }
}

TEST_CASE("what concerns everybody, or may, is for admins, and what changes nothing for everybody") {
  CHECK(holds(why_not(kAlice, {}, Command::Verb::Resume), "concerns everybody's jobs"));
  CHECK(holds(why_not(kAlice, {"*/tabby"}), "may mean everybody's"));
  CHECK(why_not(kAlice, {}, Command::Verb::List).empty());
}

TEST_CASE("where nobody knows the owner of a manifest or of a file only admins command") {
  CHECK(holds(why_not(kAlice, {"ancient/one"}), "whom nobody knows"));
  CHECK_FALSE(why_not(-1, {"cats/tabby"}).empty());
  CHECK_FALSE(why_not(-1, {"ancient/one"}).empty());
}

TEST_CASE("a user or a group that this machine does not know makes no admin") {
  CHECK_FALSE(is_admin(-1));
  CHECK_FALSE(is_admin(3'999'999'999));
}

TEST_CASE("a stranger's command in the inbox buys nothing and is rejected with the reason, copied or moved") {
  if (::geteuid() != 0) return;  // only root can drop a file in another's name
  for (bool const copied : {false, true}) {
    CAPTURE(copied);
    World world{static_cast<unsigned>(96 + copied)};
    House house{world};
    house.open();
    auto const drop_as = [&](std::string const& name, std::string const& text, uid_t user) {
      auto const hidden = house.root / "inbox" / ("." + name);
      std::ofstream{hidden} << text;
      REQUIRE(::chown(hidden.c_str(), user, user) == 0);
      fs::rename(hidden, house.root / "inbox" / name);
    };
    if (copied)
      disk_fault = [](std::string const& call, std::string const& path) {
        return call == "rename" && holds(path, "/claims/") && !fs::exists(path + ".part") ? EXDEV : 0;
      };
    drop_as("m.yaml", House::manifest_of(1), kAlice);
    CHECK(house.run());
    CHECK(house.store->owner_of("m") == kAlice);
    drop_as("redo.yaml", "command: redo\njobs: [m/job-1]\n", kBob);
    CHECK(house.run());
    CHECK(world.creates == 1);
    CHECK(holds(house.text("rejected/redo.yaml.error.txt"), "'m' belongs to the user with id 3001"));
    drop_as("mine.yaml", "command: redo\njobs: [m/job-1]\n", kAlice);
    CHECK(house.run());
    CHECK(world.creates == 2);
    CHECK(house.is_there("accepted/mine.yaml.receipt.txt"));
    drop_as("other.yaml", "name: m\n" + House::manifest_of(2), kBob);
    CHECK(house.run());
    CHECK(holds(house.text("rejected/other.yaml.error.txt"), "belongs to the user with id 3001"));
    CHECK(world.creates == 2);
  }
}

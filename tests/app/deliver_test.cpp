#include "app/deliver.h"

#include <doctest/doctest.h>

#include "app/exit.h"
#include "app/keeper.h"
#include "base/files.h"
#include "store/store.h"
#include "support/place.h"

using namespace wanspool;
using namespace wanspool::app;
using test::Place;

TEST_SUITE_BEGIN("app");

namespace {

struct Scene {
  Place place;
  Spool spool = Spool::at(place / "spool");
  std::filesystem::path manifest = place.write("cats.yaml", "manifest: 1\n");
  Scene() { spool.make(); }
};

Paper paper(std::filesystem::path const& manifest) {
  Paper paper;
  paper.proposal.manifest = manifest;
  paper.handover.file = manifest.filename().string();
  return paper;
}

}  // namespace

TEST_CASE("a manifest that names files travels with them under its own name, by one rename") {
  Scene scene;
  auto named = paper(scene.manifest);
  scene.place.write("rows.csv", "id\n");
  named.proposal.names = {"rows.csv"};
  named.proposal.find = files_below(scene.manifest.parent_path());
  named.handover.agreed = Money{600'000};
  CHECK(deliver(scene.spool, named).source == "cats");
  auto const bundle = open_bundle(scene.spool.inbox / "cats", "cats");
  CHECK(bundle.handover.agreed == Money{600'000});
  CHECK(read_file(files_of(bundle, scene.spool.inbox / "cats")("rows.csv").path) == "id\n");
  std::filesystem::directory_iterator const inbox{scene.spool.inbox};
  CHECK(std::distance(begin(inbox), end(inbox)) == 1);
  CHECK_THROWS_AS(deliver(scene.spool, named), Quit);
}

TEST_CASE("a delivered manifest lies in the inbox whole and alone") {
  Scene scene;
  auto const delivery = deliver(scene.spool, paper(scene.manifest));
  CHECK(delivery.source == "cats.yaml");
  CHECK(read_file(scene.spool.inbox / "cats.yaml") == "manifest: 1\n");
  std::filesystem::directory_iterator const inbox{scene.spool.inbox};
  CHECK(std::distance(begin(inbox), end(inbox)) == 1);
}

TEST_CASE("a manifest that waits in the inbox is not replaced by another of its name") {
  Scene scene;
  deliver(scene.spool, paper(scene.manifest));
  CHECK_NOTHROW(deliver(scene.spool, paper(scene.manifest)));
  auto const other = scene.place.write("other/cats.yaml", "manifest: 2\n");
  CHECK_THROWS_AS(deliver(scene.spool, paper(other)), Quit);
  CHECK(read_file(scene.spool.inbox / "cats.yaml") == "manifest: 1\n");
}

TEST_CASE("only a new word about a manifest is taken for its fate") {
  Scene scene;
  scene.place.write("spool/accepted/cats.yaml.receipt.txt", "old");
  scene.place.write("spool/rejected/cats.yaml.error.txt", "old");
  auto const delivery = deliver(scene.spool, paper(scene.manifest));
  CHECK(what_became(scene.spool, delivery).fate == Fate::Waiting);
  write_file_safely(scene.spool.rejected / "cats.yaml.error.txt", "cats.yaml:1: error: no\n");
  CHECK(what_became(scene.spool, delivery).fate == Fate::Rejected);
  CHECK(what_became(scene.spool, delivery).text == "cats.yaml:1: error: no");
}

TEST_CASE("an accepted manifest takes its old complaint away, which is no complaint") {
  Scene scene;
  auto const error = scene.place.write("spool/rejected/cats.yaml.error.txt", "old");
  auto const delivery = deliver(scene.spool, paper(scene.manifest));
  std::filesystem::remove(error);
  CHECK(what_became(scene.spool, delivery).fate == Fate::Waiting);
  write_file_safely(scene.spool.accepted / "cats.yaml.receipt.txt", "jobs 1\n");
  CHECK(what_became(scene.spool, delivery).fate == Fate::Accepted);
}

TEST_CASE("who has the spool is known while he has it, and no longer") {
  Scene scene;
  CHECK_FALSE(keeper_of(scene.spool).is_there);
  {
    auto const store = open_store(scene.spool.database);
    CHECK(keeper_of(scene.spool).is_there);
    CHECK(keeper_of(scene.spool).pid == ::getpid());
  }
  CHECK_FALSE(keeper_of(scene.spool).is_there);
}

TEST_SUITE_END();

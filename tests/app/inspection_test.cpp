#include "app/inspection.h"

#include <doctest/doctest.h>

#include "app/made_up.h"
#include "base/files.h"
#include "engine/metadata.h"

using namespace wanspool;
using namespace wanspool::app;
using test::done_job;
using test::orphan_task;
using test::Scene;

TEST_SUITE_BEGIN("app");

namespace {

// A queue that says what a test wants; `fresh` is what a second reading of a job says.
struct MadeUpReader final : Reader {
  std::vector<JobRow> rows;
  std::optional<JobRow> fresh;
  std::vector<Task> lost, older;
  std::vector<Finding> findings;
  Money spent, in_ledger;

  Tally tally() override {
    Tally sum;
    sum.spent = spent;
    return sum;
  }
  std::vector<LaneRow> lanes() override { return {}; }
  std::map<LaneKey, Tally> tallies() override { return {}; }
  std::vector<std::int64_t> in_line(std::string const&) override { return {}; }
  std::vector<Waiting> waiting(std::string const&) override { return {}; }
  std::vector<Work> work(LaneKey const&, Instant) override { return {}; }
  std::vector<Stop> stops() override { return {}; }
  std::int64_t paused() override { return 0; }
  std::int64_t hooks_waiting() override { return 0; }
  bool means_some(std::string const&) override { return false; }
  Standing standing(std::string const&) override { return {}; }
  void jobs(std::string const&, std::function<bool(JobRow const&)> const& take) override {
    for (auto const& each : rows) take(each);
  }
  std::optional<JobRow> job(std::string const& manifest, std::string const& name) override {
    if (fresh && fresh->job == name) return fresh;
    for (auto const& each : rows)
      if (each.manifest == manifest && each.job == name) return each;
    return {};
  }
  std::string body(std::int64_t) override { return {}; }
  std::optional<Taken> taken(std::string const&) override { return {}; }
  std::string fact(std::string const&) override { return {}; }
  std::vector<Task> candidates(std::int64_t) override { return {}; }
  void orphans(std::function<bool(Task const&)> const& take) override {
    for (auto const& each : lost) take(each);
  }
  std::vector<std::string> former_ids(Instant) override { return {}; }
  std::vector<Task> refills_of(std::int64_t) override { return {}; }
  std::vector<Task> replaced(std::string const&) override { return older; }
  std::vector<LedgerRow> ledger(LedgerBy, std::string const&) override {
    return {{"x", 1, 1, {}, in_ledger, {}}};
  }
  std::unique_ptr<Comparison> compare(std::string const&) override { return nullptr; }
  void gone(Comparison const&, std::function<bool(JobRow const&)> const&) override {}
  LedgerRow spent_by(std::string const&) override { return {}; }
  std::string bought_for(std::string const&, std::string const&, std::string const&) override { return {}; }
  std::vector<std::string> waits_for(std::int64_t) override { return {}; }
  std::optional<std::int64_t> owner_of(std::string const&) override { return {}; }
  std::vector<Finding> audit() override { return findings; }
  void backup(std::filesystem::path const&, Instant) override {}
};

// out/cats/metadata.jsonl as the queue has it.
void tell_index(Scene const& scene, MadeUpReader& reader) {
  std::string lines;
  for (auto const& row : reader.rows) lines += metadata_lines(current_job(reader, row), {}, reader, "CNY");
  scene.remove("out/cats/metadata.jsonl");
  if (!lines.empty()) scene.write("out/cats/metadata.jsonl", lines);
}

std::vector<Finding> findings_of(Scene const& scene, MadeUpReader& reader) {
  Inspection inspection{scene.spool, reader};
  inspection.inspect();
  return inspection.look().findings;
}

}  // namespace

TEST_CASE("a spool in which all is right has its jobs, pictures and orphans counted") {
  Scene scene;
  MadeUpReader reader;
  reader.rows = {done_job().row};
  reader.lost = {orphan_task("t7")};
  scene.write("orphans/t7/image-1.png", "lost");
  tell_index(scene, reader);
  Inspection inspection{scene.spool, reader};
  inspection.inspect();
  CHECK(inspection.look().findings.empty());
  CHECK(inspection.jobs() == 1);
  CHECK(inspection.orphans() == 1);
  CHECK(inspection.look().pictures == 2);
  CHECK(inspection.tasks().by_id.contains("t1"));
  CHECK(inspection.tasks().by_id.contains("t7"));
}

TEST_CASE("while a changed job waits its pictures of before are no stranger's") {
  Scene scene;
  MadeUpReader reader;
  auto row = done_job().row;
  reader.older = {row.task};
  row.task.id += 1;
  row.task.state = State::Queued;
  row.task.pictures.clear();
  row.delivered = false;
  reader.rows = {row};
  CHECK(findings_of(scene, reader).empty());
  reader.older.clear();
  CHECK(findings_of(scene, reader).size() == 1);
}

TEST_CASE("what the queue finds in itself and a ledger that does not add up are named") {
  Scene scene;
  MadeUpReader reader;
  reader.rows = {done_job().row};
  reader.findings = {{"a row is torn", "put a backup back"}};
  tell_index(scene, reader);
  reader.spent = {200'000};
  auto const found = findings_of(scene, reader);
  REQUIRE(found.size() == 5);
  CHECK(found[0].what == "a row is torn");
  CHECK(found[1].what.starts_with("the ledger by day comes to spent 0.00"));
}

TEST_CASE("files among the orphans are owned by orphans and by jobs that adopted them") {
  Scene scene;
  MadeUpReader reader;
  reader.rows = {done_job().row};
  scene.write("orphans/t1/image-1.png", "one");
  tell_index(scene, reader);
  CHECK(findings_of(scene, reader).size() == 1);
  reader.rows.front().task.adopted = true;
  CHECK(findings_of(scene, reader).empty());
}

TEST_CASE("a folder that is not mounted is one finding and not one for each picture") {
  Scene scene;
  MadeUpReader reader;
  reader.rows = {done_job().row};
  std::filesystem::remove_all(scene.spool.out);
  auto const found = findings_of(scene, reader);
  REQUIRE(found.size() == 1);
  CHECK(found.front().what.ends_with("out is not there"));
}

TEST_CASE("while somebody works a row that is older than the disk is read again before it is judged") {
  Scene scene;
  MadeUpReader reader;
  auto older = done_job().row;
  older.task.state = State::Running;
  older.task.pictures.clear();
  reader.rows = {older};
  reader.fresh = done_job().row;
  CHECK(findings_of(scene, reader).size() == 1);
  auto const keeper = open_store(scene.spool.database);
  CHECK(findings_of(scene, reader).empty());
  scene.write("out/cats/hero/image-2.png", "two");
  CHECK(findings_of(scene, reader).size() == 1);
}

TEST_CASE("a metadata.jsonl that tells of other pictures, of fewer or of half a one is named") {
  Scene scene;
  MadeUpReader reader;
  reader.rows = {done_job().row};
  auto found = findings_of(scene, reader);
  REQUIRE(found.size() == 1);
  CHECK(found.front().what.ends_with("out/cats/metadata.jsonl is missing"));
  tell_index(scene, reader);
  CHECK(findings_of(scene, reader).empty());
  auto const right = read_file(scene.spool.out / "cats/metadata.jsonl");
  scene.write("out/cats/metadata.jsonl", right + right);
  CHECK(findings_of(scene, reader).front().what.ends_with("has 2 lines, the queue 1 current pictures"));
  scene.write("out/cats/metadata.jsonl", right.substr(0, right.size() - 1));
  CHECK(findings_of(scene, reader).front().what.ends_with("metadata.jsonl has no end"));
  reader.rows.front().vars = R"({"style":"ink"})";
  scene.write("out/cats/metadata.jsonl", right);
  CHECK(findings_of(scene, reader).front().what.ends_with("tells of other pictures than the queue"));
}

TEST_CASE("a retired job's files are its own still, and have no line") {
  Scene scene;
  MadeUpReader reader;
  reader.rows = {done_job().row};
  reader.rows.front().retired = true;
  CHECK(findings_of(scene, reader).empty());
}

TEST_SUITE_END();

#include "app/doctor.h"

#include <doctest/doctest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <map>

#include "app/checks.h"
#include "app/shell.h"
#include "store/lock.h"

using namespace wanspool;
using namespace wanspool::app;
using test::Environment;
using test::Place;
namespace fs = std::filesystem;

TEST_SUITE_BEGIN("app");

namespace {

// A machine on which all is well, but for what a test says.
struct MadeUpMachine final : Machine {
  std::string failure, kind, deaf;
  bool kept = true;
  std::uintmax_t bytes = 100ull << 30, files = 1'000'000;
  std::uint64_t open = 1024;

  std::string reach(std::string const&) const override { return failure; }
  Instant now() const override { return Instant{seconds{1'700'000'100}}; }
  bool keeps_time() const override { return kept; }
  std::uintmax_t free_bytes(fs::path const&) const override { return bytes; }
  std::uintmax_t free_files(fs::path const&) const override { return files; }
  std::string strange_file_system(fs::path const&) const override { return kind; }
  std::string listen(fs::path const&) const override { return deaf; }
  std::uint64_t open_files_most(long) const override { return open; }
};

// A spool with a key of its own, in a folder of its own; nothing around it leads anywhere else.
struct Ward {
  Ward() {
    Spool::at(place / "spool").make();
    place.write("key", "sk-0123456789abcdef\n");
    ::chmod((place / "key").c_str(), 0600);
    configure("");
  }
  void configure(std::string const& more) const {
    place.write("spool/config.yaml",
                "region: cn-beijing\napi_key_file: " + (place / "key").string() + "\n" + more);
  }
  Patient patient() const { return patient_of({(place / "spool").string(), ""}, machine); }
  Diagnoses all() const { return examine(patient()); }
  // What a check says, the worst of it.
  Diagnosis of(std::string const& what) const {
    Diagnosis worst;
    for (auto const& each : all())
      if (each.what == what && (worst.what.empty() || each.level > worst.level)) worst = each;
    REQUIRE(worst.what == what);
    return worst;
  }

  Environment nothing{{{"DASHSCOPE_API_KEY", ""},
                       {"CREDENTIALS_DIRECTORY", ""},
                       {"DASHSCOPE_HTTP_BASE_URL", ""},
                       {"WANSPOOL_ROOT", ""},
                       {"https_proxy", ""},
                       {"HTTPS_PROXY", ""},
                       {"http_proxy", ""},
                       {"all_proxy", ""},
                       {"ALL_PROXY", ""}}};
  Place place;
  MadeUpMachine machine;
};

bool contains(std::string const& text, std::string const& words) {
  return text.find(words) != std::string::npos;
}

bool is(Diagnosis const& diagnosis, Level level, std::string const& words) {
  INFO(diagnosis.what, ": ", diagnosis.found, "; ", diagnosis.advice);
  CHECK(diagnosis.level == level);
  CHECK(contains(diagnosis.found, words));
  CHECK(diagnosis.advice.empty() == (level == Level::Ok));
  return diagnosis.level == level && contains(diagnosis.found, words);
}

LaneRow lane(Weather::Kind kind, std::string const& reason) {
  Instant const since{seconds{1'700'000'000}};
  return {"wan2.6-t2i", {kind, since + hours{1}, since, 3, reason}};
}

void remember(Ward const& ward, LaneRow const& row) {
  Batch batch;
  batch.lanes.push_back(row);
  open_store(ward.patient().spool().database)->commit(batch);
}

}  // namespace

TEST_CASE("of a spool where all is well doctor only doubts that nobody works on it") {
  Ward const ward;
  LockFile const daemon{ward.place / "spool/state/wanspool.lock", "the queue"};
  auto const all = ward.all();
  for (auto const& each : all) {
    INFO(each.what, ": ", each.found, "; ", each.advice);
    CHECK(each.level == Level::Ok);
    CHECK(each.advice.empty());
    CHECK_FALSE(each.found.empty());
  }
  CHECK(exit_code_of(all) == kFine);
  CHECK(contains(text_of(all), "all is well\n"));
}

TEST_CASE("doctor says that nobody works on a spool, and which version does") {
  Ward const ward;
  is(ward.of("daemon"), Level::Warning, "nobody works");
  CHECK(exit_code_of(ward.all()) == kFine);
  open_store(ward.patient().spool().database)->set_fact("program", "0.0.1");
  LockFile const daemon{ward.place / "spool/state/wanspool.lock", "the queue"};
  is(ward.of("daemon"), Level::Warning, "of version 0.0.1");
  is(ward.of("daemon"), Level::Warning, "pid " + std::to_string(::getpid()));
}

TEST_CASE("doctor never prints a key, and says where it is and who may read it") {
  Ward const ward;
  is(ward.of("key"), Level::Ok, (ward.place / "key").string());
  ::chmod((ward.place / "key").c_str(), 0644);
  is(ward.of("key"), Level::Warning, "may be read by others (mode 0644)");
  CHECK(contains(ward.of("key").advice, "chmod 600"));
  ::chmod((ward.place / "key").c_str(), 0600);
  ward.place.write("key", "0123456789abcdef");
  is(ward.of("key"), Level::Warning, "does not begin with sk-");
  ward.place.write("key", "");
  is(ward.of("key"), Level::Wrong, "is empty");
  CHECK(exit_code_of(ward.all()) == kAccount);
  {
    Environment const set{{{"DASHSCOPE_API_KEY", "sk-of-the-shell"}}};
    is(ward.of("key"), Level::Ok, "of this shell");
    CHECK_FALSE(contains(text_of(ward.all()), "sk-of-the-shell"));
  }
  {
    Environment const set{{{"DASHSCOPE_HTTP_BASE_URL", "http://127.0.0.1:9/api/v1"}}};
    ward.place.write("key", "sk-0123456789abcdef\n");
    is(ward.of("key"), Level::Ok, "an emulator takes any, unless --key has given it one");
  }
  ward.place.write("spool/config.yaml", "region: cn-beijing\n");
  is(ward.of("key"), Level::Wrong, "there is none");
}

TEST_CASE("a wrong configuration is told of with its place, and the rest is looked at all the same") {
  Ward const ward;
  ward.configure("limits: { wan2.6-imge: { slots: 3 } }\n");
  auto const said = ward.of("configuration");
  is(said, Level::Wrong, "config.yaml:3:");
  CHECK(contains(said.found, "did you mean 'wan2.6-image'?"));
  CHECK(exit_code_of(ward.all()) == kMisconfigured);
  is(ward.of("disk"), Level::Ok, "GiB left");
  ward.configure("endpoint: ftp://example.com/api/v1\n");
  is(ward.of("configuration"), Level::Wrong, "an endpoint is written like https://");
}

TEST_CASE("an endpoint that cannot be reached or has no region is a warning: work goes on by itself") {
  Ward ward;
  is(ward.of("endpoint"), Level::Ok, "https://dashscope.aliyuncs.com/api/v1, region cn-beijing");
  ward.machine.failure = "Could not resolve host";
  is(ward.of("endpoint"), Level::Warning, "Could not resolve host");
  ward.machine.failure.clear();
  ward.place.write("spool/config.yaml", "endpoint: https://example.com/api/v1\n");
  is(ward.of("endpoint"), Level::Warning, "region unknown");
}

TEST_CASE("a proxy is told of without its password") {
  Ward const ward;
  Environment const set{{{"https_proxy", "http://me:secret@proxy.example:3128"}}};
  is(ward.of("proxy"), Level::Ok, "https_proxy=http://…@proxy.example:3128");
}

TEST_CASE("doctor knows a disk that is nearly full, one that is, and one without room for names") {
  Ward ward;
  ward.machine.bytes = 900u << 20;
  is(ward.of("disk"), Level::Warning, "900 MiB left");
  ward.machine.bytes = 63u << 20;
  is(ward.of("disk"), Level::Wrong, "no picture is bought");
  CHECK(exit_code_of(ward.all()) == kCannotMake);
  ward.machine.bytes = 100ull << 30;
  ward.machine.files = 0;
  is(ward.of("disk"), Level::Wrong, "no more files");
}

TEST_CASE("doctor knows file systems on which no queue should lie, and machines that do not tell of drops") {
  Ward ward;
  ward.machine.kind = "NFS";
  is(ward.of("file system"), Level::Wrong, "lies on NFS");
  CHECK(exit_code_of(ward.all()) == kMisconfigured);
  is(ward.of("inotify"), Level::Ok, "seen within 10 s");
  ward.machine.kind = "tmpfs";
  is(ward.of("file system"), Level::Warning, "lies in memory");
  ward.machine.kind.clear();
  ward.machine.deaf = "this user watches as many folders as it may";
  is(ward.of("inotify"), Level::Warning, "only seen within 10 s");
  ward.machine.open = 64;
  is(ward.of("open files"), Level::Warning, "64 may be open");
  ward.machine.kept = false;
  is(ward.of("clock"), Level::Warning, "nothing keeps it right");
}

TEST_CASE("what others may write, and what its own user may not, is wrong") {
  Ward const ward;
  ::chmod((ward.place / "spool").c_str(), 0755);
  auto const out = (ward.place / "spool/out").string(), inbox = (ward.place / "spool/inbox").string();
  ::chmod(out.c_str(), 0777);
  is(ward.of("permissions"), Level::Wrong, "everybody may write in " + out);
  // Behind a closed door it does no harm.
  ::chmod((ward.place / "spool").c_str(), 0750);
  is(ward.of("permissions"), Level::Ok, "may write where it must");
  ::chmod((ward.place / "spool").c_str(), 0755);
  ::chmod(out.c_str(), 0755);
  ::chmod(inbox.c_str(), 0777);
  is(ward.of("permissions"), Level::Warning, "replace what others have dropped");
  ::chmod(inbox.c_str(), 01777);
  is(ward.of("permissions"), Level::Ok, "");
  fs::remove(inbox);
  fs::create_directories(ward.place / "spool/state/claims");
  is(ward.of("permissions"), Level::Wrong, inbox);
  is(ward.of("inbox"), Level::Wrong, "cannot be looked through");
}

TEST_CASE("who may write in a folder is told by its owner, its group and its mode") {
  Place const place;
  auto const folder = place.path();
  constexpr uid_t kNobody = 65534;
  ::chmod(folder.c_str(), 0700);
  CHECK(may_write(::geteuid(), folder));
  CHECK_FALSE(may_write(kNobody, folder));
  ::chmod(folder.c_str(), 0702);
  CHECK_FALSE(may_write(kNobody, folder));  // without a way in
  ::chmod(folder.c_str(), 0703);
  CHECK(may_write(kNobody, folder));
  CHECK_FALSE(may_write(::geteuid(), folder / "none"));
}

TEST_CASE("doctor says what the provider said last of key, bill and limits") {
  Ward const ward;
  is(ward.of("queue"), Level::Ok, "none yet");
  remember(ward, lane(Weather::Kind::Account, "Arrearage: Access denied"));
  is(ward.of("account"), Level::Wrong, "main: Arrearage");
  CHECK(contains(ward.of("account").advice, "pay"));
  CHECK(exit_code_of(ward.all()) == kAccount);
  is(ward.of("queue"), Level::Ok, "whole");
  remember(ward, lane(Weather::Kind::Account, "InvalidApiKey: no such key"));
  CHECK(contains(ward.of("account").advice, "key"));
  remember(ward, lane(Weather::Kind::Throttled, "Throttling.RateQuota"));
  is(ward.of("account"), Level::Ok, "nothing was ordered yet");
  open_store(ward.patient().spool().database)->set_fact("key_taken", "2026-11-29T13:20:00.000Z");
  is(ward.of("account"), Level::Ok, "the service took the key at ");
  ward.configure("accounts: { studio: { api_key_file: studio.key } }\n");
  open_store(ward.patient().spool().database)->set_fact("key_taken:studio", "2026-11-29T13:21:00.000Z");
  is(ward.of("account"), Level::Ok, "; the service took studio's key at ");
  ward.configure("");
  is(ward.of("limits"), Level::Warning, "Throttling.RateQuota");
  auto calm = lane(Weather::Kind::Fair, "");
  remember(ward, calm);
  is(ward.of("limits"), Level::Ok, "wan2.6-t2i: ");
  calm.memory.slots = 5;
  calm.memory.most = 3;
  remember(ward, calm);
  is(ward.of("limits"), Level::Warning, "the account refuses the task after 3");
  ward.configure("limits: { wan2.6-t2i: { creates_per_second: 5, slots: 5 } }\n");
  calm.memory.creates = 1;
  remember(ward, calm);
  is(ward.of("limits"), Level::Warning, "the account refuses more than 1 of these");
  ward.configure("limits: { wan2.6-t2i: { creates_per_second: 50, slots: 40 } }\n");
  is(ward.of("limits"), Level::Ok, "50 creates in 1 s, 40 slots as configured (the table of models: ");
}

TEST_CASE("what waits for a person, and what lies in the inbox, is told of") {
  Ward const ward;
  test::fill(ward.place);
  is(ward.of("a person"), Level::Warning, "1 job held");
  auto const spool = ward.patient().spool();
  is(ward.of("origin"), Level::Wrong, "filled by an emulator");
  CHECK(contains(ward.of("origin").advice, "set DASHSCOPE_HTTP_BASE_URL to the address of an emulator"));
  CHECK(exit_code_of(ward.all()) == kMisconfigured);
  open_store(spool.database)->set_fact("results", "the host evil.example is not known");
  is(ward.of("results"), Level::Wrong, "evil.example");
  open_store(spool.database)->set_fact("shared_key", "2023-11-14T22:13:20.000Z");
  is(ward.of("account"), Level::Warning, "another program");
  is(ward.of("inbox"), Level::Ok, "empty");
  ward.place.write("spool/inbox/cats.yaml", "manifest: 1\n");
  is(ward.of("inbox"), Level::Warning, "one entry lies there: cats.yaml (nobody has the spool now)");
}

TEST_CASE("a queue that is damaged or newer than the program is wrong, each with its own code") {
  Ward const ward;
  test::fill(ward.place);
  auto const file = ward.patient().spool().database;
  ward.place.write("spool/state/wanspool.db", std::string(8192, 'x'));
  fs::remove(file.string() + "-wal");
  auto const said = ward.of("queue");
  is(said, Level::Wrong, file.string());
  CHECK(said.exit_code == kBrokenDisk);

  Ward const newer;
  test::fill(newer.place);
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(newer.patient().spool().database.c_str(), &db) == SQLITE_OK);
  CHECK(sqlite3_exec(db, "PRAGMA user_version = 999", nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(db);
  is(newer.of("queue"), Level::Wrong, newer.patient().spool().database.string());
  CHECK(newer.of("queue").exit_code == kMisconfigured);
}

TEST_CASE("where there is no spool doctor says so, and ends with 2") {
  Place const place;
  auto const said = test::wanspool_says(place, {"doctor"});
  CHECK(said.code == kWrong);
  CHECK(contains(said.out, "wrong    spool          there is none here\n         wanspool init"));
}

TEST_SUITE_END();

#include <doctest/doctest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <fstream>

#include "store/support.h"

TEST_SUITE_BEGIN("store");

using namespace wanspool;

namespace {

void demand(bool good, std::string const& what) {
  if (!good) throw std::runtime_error{what};
}

// What a full disk looks like where nothing can be mounted: no file of this process grows beyond it.
void limit_files(rlim_t bytes) {
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  demand(::getrlimit(RLIMIT_FSIZE, &limit) == 0, "getrlimit");
  limit.rlim_cur = bytes;
  demand(::setrlimit(RLIMIT_FSIZE, &limit) == 0, "setrlimit");
}

// Goes on until the disk is full; gives back the first task that found no place.
Task fill(Store& store, std::vector<Task> const& tasks) {
  for (auto task : tasks) {
    task.state = State::Downloading;
    task.document = std::string(20000, 'x');
    try {
      store.commit({{task}, {}});
    } catch (StoreFull const&) {
      return task;
    }
  }
  throw std::runtime_error{"the disk never was full"};
}

bool is_there(std::filesystem::path const& file) {
  return std::filesystem::exists(file);
}

}  // namespace

TEST_CASE("a full disk is said, nothing is half there, and the same commit goes on when there is room") {
  TempFolder const folder;
  CHECK(in_child([&] {
          auto const file = folder / "wanspool.db";
          auto store = open_store(file);
          take_in(*store, "cats", jobs(100));
          auto const tasks = all_queued(*store);
          demand(std::filesystem::file_size(folder / "ballast") == 1u << 20, "no ballast");

          limit_files(std::filesystem::file_size(file.string() + "-wal") + 300'000);
          auto const last = fill(*store, tasks);
          demand(!is_there(folder / "ballast"), "the ballast was kept while the disk was full");
          auto const before = store->active().size();
          demand(store->tally()[State::Downloading] == static_cast<std::int64_t>(before),
                 "the tally is wrong");
          demand(before + all_queued(*store).size() == tasks.size(), "a task is lost");
          for (int i = 0; i < 3; ++i) demand(fill(*store, {last}).id == last.id, "it was not full again");

          limit_files(RLIM_INFINITY);
          store->commit({{last}, {}});
          demand(store->active().size() == before + 1, "the commit did not come through");
          for (int i = 0; i < 300 && !is_there(folder / "ballast"); ++i) store->commit({{last}, {}});
          demand(is_there(folder / "ballast"), "the ballast did not come back");
          store.reset();
          demand(open_store(file)->active().size() == before + 1, "it was lost at the next start");
        }) == "");
}

TEST_CASE("a manifest that meets a full disk can be taken in when there is room") {
  TempFolder const folder;
  CHECK(in_child([&] {
          auto const file = folder / "wanspool.db";
          auto const store = open_store(file);
          auto const id = store->begin_manifest(manifest("cats", "c"));
          limit_files(std::filesystem::file_size(file.string() + "-wal") + 50'000);
          auto const many = jobs(1000);
          bool full = false;
          try {
            store->add_jobs(id, many);
          } catch (StoreFull const&) {
            full = true;
          }
          demand(full, "the disk never was full");
          limit_files(RLIM_INFINITY);
          demand(store->add_jobs(id, many).empty(), "the first try left something behind");
          demand(store->publish_manifest(id, at(0)).fresh == 1000, "jobs are missing");
        }) == "");
}

TEST_CASE("a start that finds no room at all says so") {
  TempFolder const folder;
  auto const file = folder / "wanspool.db";
  take_in(*open_store(file), "cats", jobs(3));
  CHECK(in_child([&] {
          limit_files(1000);
          try {
            open_store(file);
          } catch (StoreBroken const& broken) {
            demand(broken.exit_code == 74, "another exit code");
            throw;
          }
        }) == "cannot write " + file.string() + ": the disk or a quota is full; make room there");
  CHECK(all_queued(*open_store(file)).size() == 3);
}

namespace {

constexpr auto kNoMount = "no file system can be mounted here";

// In a child, with `folder` on a disk of its own of 24 MiB, where that is allowed.
std::string on_small_disk(TempFolder const& folder, std::function<void()> const& work) {
  auto const said = in_child([&] {
    bool const mounted = ::unshare(CLONE_NEWNS) == 0 &&
                         ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                         ::mount("none", folder.path().c_str(), "tmpfs", 0, "size=24m") == 0;
    demand(mounted, kNoMount);
    work();
  });
  if (said != kNoMount) return said;
  MESSAGE(kNoMount);
  return {};
}

void use_up(std::filesystem::path const& file) {
  std::ofstream filler{file, std::ios::binary};
  while (filler << std::string(4096, 'x') << std::flush) continue;
}

}  // namespace

TEST_CASE("the ballast gives its room to the last news") {
  TempFolder const folder;
  CHECK(on_small_disk(folder, [&] {
          auto const store = open_store(folder / "wanspool.db");
          take_in(*store, "cats", jobs(200));
          auto const tasks = all_queued(*store);
          use_up(folder / "filler");

          // Its megabyte holds several of these.
          for (std::size_t i = 0; i < 5; ++i) {
            auto task = tasks[i];
            task.state = State::Downloading;
            task.document = std::string(20000, 'x');
            store->commit({{task}, {}});
          }
          demand(!is_there(folder / "ballast"), "the disk was not full");
          demand(store->active().size() == 5, "news is missing");
          auto const last = fill(*store, tasks);

          std::filesystem::remove(folder / "filler");
          store->commit({{last}, {}});
          for (int i = 0; i < 300 && !is_there(folder / "ballast"); ++i) store->commit({{last}, {}});
          demand(is_there(folder / "ballast"), "the ballast did not come back");
        }) == "");
}

TEST_CASE("the ballast gives its room to a start on a full disk") {
  TempFolder const folder;
  CHECK(on_small_disk(folder, [&] {
          auto const file = folder / "wanspool.db";
          take_in(*open_store(file), "cats", jobs(3));
          std::filesystem::remove(file.string() + "-shm");
          use_up(folder / "filler");
          auto const store = open_store(file);
          demand(!is_there(folder / "ballast"), "the disk was not full");
          auto task = all_queued(*store).front();
          task.state = State::Running;
          store->commit({{task}, {}});
        }) == "");
}

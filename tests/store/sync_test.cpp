#include <doctest/doctest.h>
#include <sqlite3.h>

#include <cerrno>
#include <map>

#include "store/support.h"

TEST_SUITE_BEGIN("store");

using namespace wanspool;

namespace {

// While one is there SQLite's files are real, but calls to them fail as told.
class BadDisk {
 public:
  static inline int sync_error = 0, write_error = 0;

  BadDisk() {
    sync_error = write_error = 0;
    real_ = sqlite3_vfs_find(nullptr);
    ours_ = *real_;
    ours_.zName = "bad-disk";
    ours_.xOpen = &open;
    REQUIRE(sqlite3_vfs_register(&ours_, 1) == SQLITE_OK);
  }
  BadDisk(BadDisk const&) = delete;
  BadDisk& operator=(BadDisk const&) = delete;
  ~BadDisk() {
    sqlite3_vfs_unregister(&ours_);
    sqlite3_vfs_register(real_, 1);
  }

 private:
  static int open(sqlite3_vfs*, char const* name, sqlite3_file* file, int flags, int* out) {
    int const code = real_->xOpen(real_, name, file, flags, out);
    if (!file->pMethods) return code;
    // The database and its journals have tables of their own, which differ in how they lock only.
    real_methods_ = file->pMethods;
    auto& methods = methods_[real_methods_];
    methods = *real_methods_;
    methods.xSync = &sync;
    methods.xWrite = &write;
    file->pMethods = &methods;
    return code;
  }
  static int sync(sqlite3_file* file, int flags) {
    if (sync_error == 0) return real_methods_->xSync(file, flags);
    errno = sync_error;
    return SQLITE_IOERR_FSYNC;
  }
  static int write(sqlite3_file* file, void const* bytes, int size, sqlite3_int64 place) {
    if (write_error == 0) return real_methods_->xWrite(file, bytes, size, place);
    errno = write_error;
    return SQLITE_IOERR_WRITE;
  }

  static inline sqlite3_vfs* real_ = nullptr;
  static inline sqlite3_vfs ours_{};
  static inline sqlite3_io_methods const* real_methods_ = nullptr;
  static inline std::map<sqlite3_io_methods const*, sqlite3_io_methods> methods_;
};

// What committing it says.
std::string complaint(Store& store, Task const& task) {
  try {
    store.commit({{task}, {}});
    return {};
  } catch (StoreFull const& full) {
    return std::string{"full "} + full.what();
  } catch (StoreBroken const& broken) {
    return std::to_string(broken.exit_code) + " " + broken.what();
  }
}

struct Fixture {
  BadDisk disk;
  TempFolder folder;
  std::unique_ptr<Store> store = open_store(folder / "wanspool.db");
  Task task = (take_in(*store, "cats", jobs(1)), all_queued(*store).front());
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a sync that failed ends all writing, even when the disk comes back") {
  SUBCASE("broken") {
    BadDisk::sync_error = EIO;
  }
  SUBCASE("full") {
    BadDisk::sync_error = ENOSPC;
  }
  auto const said = complaint(*store, task);
  CHECK(said.rfind("74 cannot go on with " + (folder / "wanspool.db").string() + ": disk I/O error", 0) == 0);
  BadDisk::sync_error = 0;
  CHECK(complaint(*store, task) == said);
  store.reset();
  store = open_store(folder / "wanspool.db");
  CHECK(complaint(*store, task).empty());
}

TEST_CASE_FIXTURE(Fixture, "a write that failed tells a broken disk from a full one") {
  SUBCASE("broken") {
    BadDisk::write_error = EIO;
    CHECK(complaint(*store, task).rfind("74 cannot go on", 0) == 0);
  }
  SUBCASE("full") {
    for (int const error : {ENOSPC, EDQUOT, EFBIG}) {
      BadDisk::write_error = error;
      CHECK(complaint(*store, task).rfind("full cannot write ", 0) == 0);
    }
    BadDisk::write_error = 0;
    CHECK(complaint(*store, task).empty());
  }
}

#include <doctest/doctest.h>
#include <linux/magic.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "base/files.h"
#include "store/lock.h"
#include "store/support.h"

TEST_SUITE_BEGIN("store");

using namespace wanspool;

namespace {

// What opening it says: "74 cannot …", or "" if it can be opened.
std::string refusal(std::function<void()> const& open) {
  try {
    open();
    return {};
  } catch (StoreBroken const& broken) {
    return std::to_string(broken.exit_code) + " " + broken.what();
  }
}

std::string refusal(std::filesystem::path const& file) {
  return refusal([&] { open_store(file); });
}

void run_sql(std::filesystem::path const& file, char const* sql) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(file.c_str(), &db) == SQLITE_OK);
  CHECK(sqlite3_exec(db, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(db);
}

void put(std::filesystem::path const& file, std::string const& bytes) {
  std::ofstream{file, std::ios::binary | std::ios::trunc} << bytes;
}

bool holds(std::string const& text, std::string const& part) {
  return text.find(part) != std::string::npos;
}

// A child that has opened the store and stays until it is killed.
class Daemon {
 public:
  explicit Daemon(std::filesystem::path const& file) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      auto const store = open_store(file);
      static_cast<void>(::write(ends[1], "!", 1) == 1);
      for (;;) ::pause();
    }
    char ready = 0;
    ::close(ends[1]);
    CHECK(::read(ends[0], &ready, 1) == 1);
    ::close(ends[0]);
  }
  Daemon(Daemon const&) = delete;
  Daemon& operator=(Daemon const&) = delete;
  ~Daemon() { kill(); }
  pid_t pid() const { return pid_; }
  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(std::exchange(pid_, 0), nullptr, 0);
  }

 private:
  pid_t pid_ = 0;
};

}  // namespace

TEST_CASE("a second daemon is refused with the pid of the first, until that is gone") {
  TempFolder const folder;
  auto const file = folder / "wanspool.db";
  Daemon daemon{file};
  CHECK(refusal(file) == "75 cannot open " + file.string() + ": another daemon (pid " +
                             std::to_string(daemon.pid()) + ") has it");
  daemon.kill();
  CHECK(refusal(file).empty());
}

TEST_CASE("a store that is closed lets the next one in") {
  TempFolder const folder;
  auto store = open_store(folder / "wanspool.db");
  CHECK(holds(refusal(folder / "wanspool.db"), "75 "));
  store.reset();
  CHECK(refusal(folder / "wanspool.db").empty());
}

TEST_CASE("a database of a newer version is refused and left alone") {
  TempFolder const folder;
  auto const file = folder / "wanspool.db";
  open_store(file);
  run_sql(file, "PRAGMA user_version = 10");
  auto const said = refusal(file);
  CHECK(holds(said, "78 cannot open"));
  CHECK(holds(said, "it is of version 10 and this program knows versions up to 9"));
  CHECK(holds(refusal([&] { open_reader(file); }), "78 "));
  run_sql(file, "PRAGMA user_version = 9");
  CHECK(refusal(file).empty());
}

TEST_CASE("the database of another program is refused") {
  TempFolder const folder;
  auto const file = folder / "wanspool.db";
  SUBCASE("with tables") {
    run_sql(file, "CREATE TABLE bookmarks (url TEXT)");
  }
  SUBCASE("with an id") {
    run_sql(file, "PRAGMA application_id = 7; CREATE TABLE a (b); DROP TABLE a");
  }
  CHECK(holds(refusal(file), "74 cannot open " + file.string() + ": it is another program's database"));
}

TEST_CASE("a start that died before the tables were made is made good") {
  TempFolder const folder;
  auto const file = folder / "wanspool.db";
  SUBCASE("nothing written") {
    put(file, "");
  }
  SUBCASE("a header only") {
    run_sql(file, "PRAGMA journal_mode = WAL; CREATE TABLE a (b); DROP TABLE a");
  }
  CHECK(holds(refusal([&] { open_reader(file); }), "2 no queue yet at " + file.string()));
  auto const store = open_store(file);
  CHECK(take_in(*store, "cats", jobs(2)).fresh == 2);
}

TEST_CASE("a file that is no database is refused and left alone") {
  TempFolder const folder;
  auto const file = folder / "wanspool.db";
  std::string const letter(5000, 'x');
  put(file, letter);
  CHECK(holds(refusal(file), "74 cannot trust " + file.string() + ": file is not a database"));
  CHECK(read_file(file) == letter);
}

TEST_CASE("a database that was cut short is refused") {
  TempFolder const folder;
  auto const file = folder / "wanspool.db";
  take_in(*open_store(file), "cats", jobs(100));
  auto const whole = read_file(file);
  for (std::size_t size = 4096; size < whole.size(); size += 4096) {
    for (auto const cut : {size, size - 1}) {
      put(file, whole.substr(0, cut));
      CAPTURE(cut);
      CHECK(holds(refusal(file), "74 "));
    }
  }
  for (std::size_t const cut : {2u, 16u, 99u, 100u, 511u, 512u}) {
    put(file, whole.substr(0, cut));
    CAPTURE(cut);
    CHECK(holds(refusal(file), "74 "));
  }
}

TEST_CASE("a log without its database is not taken for a new queue") {
  TempFolder const folder;
  auto const file = folder / "wanspool.db";
  CHECK(in_child([&] {
          static auto const store = open_store(file);
          take_in(*store, "cats", jobs(1));
        }).empty());
  SUBCASE("empty") {
    put(file, "");
  }
  SUBCASE("gone") {
    std::filesystem::remove(file);
  }
  CHECK(holds(refusal(file), "74 cannot open"));
  CHECK(holds(refusal([&] { open_reader(file); }), "74 cannot open"));
  CHECK(std::filesystem::file_size(file.string() + "-wal") > 0);
}

TEST_CASE("a folder that is not there is named") {
  TempFolder const folder;
  auto const file = folder / "state" / "wanspool.db";
  CHECK(holds(refusal(file), "73 cannot look at " + file.parent_path().string()));
  CHECK(holds(refusal([&] { open_reader(file); }), "2 no queue yet"));
}

TEST_CASE("a path that cannot be opened is 73") {
  TempFolder const folder;
  auto const file = folder / "wanspool.db";
  SUBCASE("the database is a folder") {
    std::filesystem::create_directory(file);
  }
  SUBCASE("the lock is a folder") {
    std::filesystem::create_directory(folder / "wanspool.lock");
  }
  CHECK(holds(refusal(file), "73 cannot open "));
}

TEST_CASE("file systems behind a network are told from others") {
  CHECK(network_name(NFS_SUPER_MAGIC) == "NFS");
  CHECK(network_name(static_cast<long>(0xFF534D42)) == "SMB");
  CHECK(network_name(static_cast<int>(0xFF534D42)) == "SMB");
  CHECK(network_name(static_cast<long>(0xFE534D42)) == "SMB");
  for (auto const local :
       {EXT4_SUPER_MAGIC, TMPFS_MAGIC, static_cast<int>(BTRFS_SUPER_MAGIC), FUSE_SUPER_MAGIC})
    CHECK(network_name(local).empty());
}

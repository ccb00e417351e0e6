#include "store/backup.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "base/disk.h"
#include "store/store.h"

namespace wanspool {
namespace {

namespace fs = std::filesystem;
using sqlite::Db;
using sqlite::Transaction;

[[noreturn]] void refuse(int error, std::string const& words) {
  throw std::system_error{error, std::generic_category(), words};
}

void refuse_existing(fs::path const& file) {
  std::error_code ignored;
  if (fs::exists(fs::symlink_status(file, ignored)))
    refuse(EEXIST, "cannot back up to " + file.string() + "; name another file");
}

// The copy while it grows, ours alone; what a killed backup left in it and beside it is gone.
class Part {
 public:
  explicit Part(fs::path const& file)
      : file_{file.string() + ".part"},
        fd_{::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666)} {
    if (!fd_) refuse(errno, "cannot create " + file_.string());
    if (::flock(fd_.get(), LOCK_EX | LOCK_NB) != 0 || !is_there())
      refuse(EBUSY, "cannot write " + file_.string() + "; another backup does");
    ours_ = true;
    if (::ftruncate(fd_.get(), 0) != 0) refuse(errno, "cannot empty " + file_.string());
    remove_beside();
  }
  Part(Part const&) = delete;
  Part& operator=(Part const&) = delete;
  ~Part() {
    if (!ours_) return;
    std::error_code ignored;
    fs::remove(file_, ignored);
    for (auto const* end : kBeside) fs::remove(file_.string() + end, ignored);
  }
  fs::path const& file() const { return file_; }
  void become(fs::path const& file) {
    remove_beside();
    disk::sync(fd_.get(), file_);
    refuse_existing(file);
    disk::rename(file_, file);
    ours_ = false;
    disk::sync_folder(file.parent_path());
  }

 private:
  static constexpr char const* kBeside[] = {"-journal", "-wal", "-shm"};

  // Else another backup has renamed it since it was opened.
  bool is_there() const {
    struct stat open {
    }, named{};
    return ::fstat(fd_.get(), &open) == 0 && ::lstat(file_.c_str(), &named) == 0 &&
           open.st_ino == named.st_ino && open.st_dev == named.st_dev;
  }
  void remove_beside() const {
    for (auto const* end : kBeside) disk::remove(file_.string() + end);
  }

  fs::path file_;
  Fd fd_;
  bool ours_ = false;
};

// Of one moment, however long it takes: the transaction keeps what the daemon writes meanwhile out of it.
void copy(Db& db, fs::path const& file, Instant now) {
  Db target{file, Db::Access::ReadWrite};
  target.execute("PRAGMA synchronous = OFF");
  {
    Transaction transaction{db, Transaction::Kind::Read};
    db.copy_to(target);
  }
  // One file, with no log beside it.
  target.execute("PRAGMA journal_mode = DELETE");
  target.run("INSERT OR REPLACE INTO facts (key, value) VALUES ('stamp', ?)",
             std::to_string(now.time_since_epoch().count()));
}

}  // namespace

void back_up(Db& db, fs::path const& file, Instant now) try {
  auto const target = fs::absolute(file);
  refuse_existing(target);
  Part part{target};
  copy(db, part.file(), now);
  part.become(target);
} catch (StoreFull const& full) {
  refuse(ENOSPC, full.what());
}

}  // namespace wanspool

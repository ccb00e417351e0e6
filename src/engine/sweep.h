#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "base/fd.h"
#include "base/time.h"

// Removing files below a folder whose contents others may change at the same time: every step is taken by the
// handle of the one before it, no link is followed, and no other file system entered.
namespace wanspool {

// A plain file, as it lies there.
struct SeenFile {
  std::int64_t bytes = 0;  // that are free again when it goes: none while it has another name
  std::int64_t size = 0;
  Instant written;  // its contents, or found good since by whoever uses it (disk::refresh)
  Instant changed;  // when it got its contents or its last name, whichever is later
};

struct Swept {
  std::int64_t files = 0, bytes = 0;
  std::int64_t failures = 0;
  std::string trouble;  // the first of them, for a person
};

class Sweep {
 public:
  // A folder that is not there holds nothing. It may itself be a link, which is its owner's wish.
  explicit Sweep(std::filesystem::path root);

  // Every plain file by its path below the root; true: it is to go. Of its folders those go that are empty
  // then and have not changed since `folders_before`; "never": none.
  using Visit = std::function<bool(std::string const& below, SeenFile const& file)>;
  void run(Visit const& visit, Instant folders_before = {});

  // A single one, if it still has this size. Returns whether it was there and is gone.
  bool remove(std::string const& below, std::int64_t size);
  // Whether a plain file of this size is there.
  bool is_there(std::string const& below, std::int64_t size) const;

  Swept const& swept() const { return swept_; }

 private:
  void walk(Fd folder, std::string const& below, int depth, Visit const& visit, Instant folders_before);
  void take(int folder, std::string const& name, std::string const& below, Visit const& visit);
  bool unlink(int folder, std::string const& name, std::string const& below, SeenFile const& file);
  void note(std::string const& below, int error);
  Fd open_above(std::string const& below, std::string& name) const;

  std::filesystem::path root_;
  Fd top_;
  std::uint64_t device_ = 0;
  Swept swept_;
};

}  // namespace wanspool

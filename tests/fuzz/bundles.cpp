// libFuzzer's bytes as the bundle.json of a folder. Behind a NUL, if there is one, stand names of files, one
// a line, that its manifest may ask for. Whatever they say, nothing outside of the folder is read, and what
// is taken is written and taken again alike.
#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

#include "base/files.h"
#include "engine/beneath.h"
#include "engine/bundle.h"

namespace {

using namespace wanspool;
namespace fs = std::filesystem;

[[noreturn]] void broken(char const* what) {
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

void must(bool holds, char const* what) {
  if (!holds) broken(what);
}

void write(fs::path const& path, std::string_view text) {
  std::ofstream{path, std::ios::binary} << text;
}

// A folder with all that may lie in one, and what it must not lead to beside it.
class Place {
 public:
  Place() {
    std::string name = (fs::temp_directory_path() / "wanspool-fuzz-XXXXXX").string();
    must(::mkdtemp(name.data()) != nullptr, "no place to work in");
    root_ = name;
    fs::create_directories(folder() / "files/deep");
    write(root_ / "secret", "outside");
    write(folder() / "manifest.yaml", "inside");
    write(folder() / "rows.csv", "inside");
    write(folder() / "files/deep/one.txt", "inside");
    write(folder() / "\xC3\xA9.txt", "inside");
    ::mkfifo((folder() / "fifo").c_str(), 0600);
    for (auto const& [target, link] : {std::pair{"rows.csv", "in"},
                                       {"../secret", "out"},
                                       {"files/deep", "dir"},
                                       {"..", "above"},
                                       {"/", "all"},
                                       {"ring", "ring"}})
      fs::create_symlink(target, folder() / link);
  }
  Place(Place const&) = delete;
  Place& operator=(Place const&) = delete;
  ~Place() {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
  }
  fs::path folder() const { return root_ / "cats"; }
  fs::path anew() const {
    fs::remove_all(root_ / "anew");
    return root_ / "anew";
  }

 private:
  fs::path root_;
};

// Stored, and shown on terminals.
void check_name(std::string const& text) {
  must(!text.empty(), "no words");
  must(std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }),
       "words with control characters");
  try {
    static_cast<void>(nlohmann::json(text).dump());
  } catch (nlohmann::json::exception const&) {
    broken("words that are no UTF-8");
  }
}

void check_words(std::string const& text) {
  must(text.size() < 2000, "words without an end");
  check_name(text);
}

std::optional<Bundle> open(fs::path const& folder) {
  try {
    return open_bundle(folder, "cats");
  } catch (std::system_error const&) {
    broken("trouble of the bundle's passes for trouble with our own files");
  } catch (std::runtime_error const& error) {
    check_words(error.what());
  }
  return {};
}

void check(FoundFile const& found) {
  must(found.why_not.empty() != found.path.empty(), "neither found nor refused");
  if (!found.why_not.empty()) return check_words(found.why_not);
  must(fs::is_regular_file(found.path), "no plain file is found");
  must(read_file(found.path) == "inside", "a file from outside is read");
}

void check_letter(Handover const& handover) {
  check_name(handover.file);
  for (auto const& each : handover.selection.only) check_name(each);
  for (auto const& [written, place] : handover.files)
    must(!place.empty() && place.front() != '/', "a place that is none below the folder");
  for (auto const& [pattern, names] : handover.globs)
    for (auto const& each : names) check_name(each);
  for (auto const& [written, why] : handover.without) check_words(why);
  must(!handover.agreed || handover.agreed->micros >= 0, "a yes to less than nothing");
}

// Both ways of opening agree, whatever the name.
void check_ways(fs::path const& folder, std::string const& name) {
  if (name.find('\0') != std::string::npos || name.size() > 1000) return;
  auto const root = open_folder(folder);
  auto const at_once = open_beneath(root, name), by_steps = walk_beneath(root, name);
  struct stat first {
  }, second{};
  if (at_once) ::fstat(at_once.get(), &first);
  if (by_steps) ::fstat(by_steps.get(), &second);
  must(!at_once == !by_steps, "two ways, one of which leads to nothing");
  must(first.st_ino == second.st_ino && first.st_dev == second.st_dev, "two ways lead to two files");
}

void check_again(Place const& place, Bundle const& bundle) {
  auto const folder = place.anew();
  write_bundle(folder, place.folder() / "manifest.yaml", bundle.handover, {}, {});
  auto const again = open(folder);
  must(again.has_value(), "what was taken is not taken again");
  auto const &before = bundle.handover, &after = again->handover;
  must(after.file == before.file && after.agreed == before.agreed && after.currency == before.currency &&
           after.selection.only == before.selection.only &&
           after.selection.sample == before.selection.sample && after.globs == before.globs &&
           after.without == before.without,
       "taken twice, two results");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(unsigned char const* data, std::size_t size) {
  static Place const place;
  std::string_view const bytes{reinterpret_cast<char const*>(data), size};
  auto const end = std::min(bytes.find('\0'), bytes.size());
  auto names = bytes.substr(std::min(end + 1, bytes.size()));
  write(place.folder() / "bundle.json", bytes.substr(0, end));
  auto const bundle = open(place.folder());
  Bundle plain;
  auto const below = files_of(plain, place.folder());
  auto const fitting = globs_of(plain, place.folder());
  while (!names.empty()) {
    std::string const name{names.substr(0, names.find('\n'))};
    names.remove_prefix(std::min(names.size(), name.size() + 1));
    for (auto const& each : fitting(name).names)
      if (fs::path{each}.filename() != "bundle.json") check(below(each));
    if (name != "bundle.json" && fs::path{name}.filename() != "bundle.json") check(below(name));
    check_ways(place.folder(), name);
  }
  if (!bundle) return 0;
  check_letter(bundle->handover);
  auto const find = files_of(*bundle, place.folder());
  for (auto const& [written, where] : bundle->handover.files)
    if (fs::path{where}.filename() != "bundle.json") check(find(written));
  check_again(place, *bundle);
  return 0;
}

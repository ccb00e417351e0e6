#include "engine/bundle.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <system_error>

#include "base/fd.h"
#include "base/files.h"
#include "engine/beneath.h"
#include "engine/inbox_names.h"
#include "manifest/globs.h"
#include "manifest/spellings.h"

namespace wanspool {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr char const* kManifest = "manifest.yaml";
constexpr char const* kLetter = "bundle.json";
constexpr std::size_t kLetterMost = 64u << 20;
constexpr std::size_t kWordsMost = 1000;
constexpr char const* kAlone =
    "a manifest dropped alone brings no files; drop a folder with it and them, or use wanspool submit";

bool is_there(fs::path const& path) {
  std::error_code gone;
  return fs::exists(fs::symlink_status(path, gone));
}

// Why a written path cannot lie below a folder; "" if it can.
std::string why_not_below(std::string const& written) {
  fs::path const path{written};
  if (written.empty()) return "it is empty";
  if (path.is_absolute()) return "it is an absolute path, and files of a dropped folder lie below it";
  if (std::find(path.begin(), path.end(), "..") != path.end())
    return "its '..' leads out of the manifest's folder";
  if (written.find('\0') != std::string::npos) return "no path holds a zero byte";
  return {};
}

bool is_gone(int error) {
  return error == ENOENT || error == ENOTDIR;
}

struct Found {
  FoundFile file;
  bool missing = false;
};

Found find_below(Fd const& folder, std::string const& written) {
  if (auto why = why_not_below(written); !why.empty()) return {{{}, std::move(why)}};
  auto const names = spellings(written);
  auto fd = open_beneath(folder, names[0]);
  for (auto name = names.begin() + 1; name != names.end() && !fd && is_gone(errno); ++name)
    fd = open_beneath(folder, *name);
  if (!fd && is_gone(errno)) return {{{}, "it is not in the manifest's folder; put it there"}, true};
  if (!fd && (errno == EXDEV || errno == ELOOP))
    return {{{}, "its links lead out of the manifest's folder, or in a ring"}};
  if (!fd) return {{{}, std::generic_category().message(errno)}};
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) return {{{}, "it is no plain file"}};
  auto path = path_of(fd);
  return {{std::move(path), {}, std::make_shared<Fd const>(std::move(fd))}};
}

struct CloseDir {
  void operator()(DIR* dir) const noexcept { ::closedir(dir); }
};

// Opened beneath it and looked through by its handle.
FolderListing list_below(Fd const& folder, std::string const& written) {
  auto const below = written.empty() ? std::string{"."} : written;
  FolderListing listing;
  if (listing.why_not = why_not_below(below); !listing.why_not.empty()) return listing;
  auto const names = spellings(below);
  auto fd = open_beneath(folder, names[0]);
  for (auto name = names.begin() + 1; name != names.end() && !fd && is_gone(errno); ++name)
    fd = open_beneath(folder, *name);
  if (!fd && (errno == EXDEV || errno == ELOOP))
    listing.why_not = "its links lead out of the manifest's folder, or in a ring";
  if (!fd) return listing;  // what is not there may still come
  std::unique_ptr<DIR, CloseDir> const dir{::opendir(path_of(fd).c_str())};
  while (auto const* const entry = dir ? ::readdir(dir.get()) : nullptr) {
    struct stat info {};
    auto const thing = open_beneath(folder, below + "/" + entry->d_name);
    if (!thing || ::fstat(thing.get(), &info) != 0) continue;  // a link that leads out is not there for us
    if (S_ISDIR(info.st_mode) || S_ISREG(info.st_mode))
      listing.entries.push_back({entry->d_name, S_ISDIR(info.st_mode), {info.st_dev, info.st_ino}});
  }
  return listing;
}

bool is_control(char letter) {
  return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f;
}

// In quotes, and harmless to terminals whatever it is.
std::string shown(std::string const& text) {
  constexpr std::size_t kMost = 80;
  auto const short_enough = text.size() <= kMost ? text : text.substr(0, kMost) + "...";
  return json(short_enough).dump(-1, ' ', true, json::error_handler_t::replace);
}

class LetterReader {
 public:
  explicit LetterReader(json const& letter) : letter_{letter} {
    if (!letter.is_object()) wrong("is no JSON object");
    for (auto const& [key, value] : letter.items())
      if (std::find(kKeys.begin(), kKeys.end(), key) == kKeys.end())
        wrong(fmt::format("has a key {}, which this version does not understand", shown(key)));
  }

  Handover read() const {
    if (auto const* const schema = find("schema"); !schema || *schema != 1) wrong("wants 'schema': 1");
    Handover handover;
    handover.file = word("file");
    if (handover.file.empty()) wrong("wants 'file', the manifest's own name");
    // Complaints begin with it.
    std::replace_if(handover.file.begin(), handover.file.end(), is_control, '?');
    read_files(handover);
    read_globs(handover);
    read_without(handover);
    read_only(handover.selection);
    read_sample(handover.selection);
    read_agreed(handover);
    return handover;
  }

 private:
  static constexpr std::array<std::string_view, 8> kKeys{"schema", "file",   "files", "only",
                                                         "sample", "agreed", "globs", "without"};

  [[noreturn]] static void wrong(std::string const& words) {
    throw std::runtime_error{fmt::format("{} {}; hand the manifest over anew", kLetter, words)};
  }
  json const* find(char const* key) const {
    auto const found = letter_.find(key);
    return found == letter_.end() ? nullptr : &*found;
  }
  std::string word(char const* key) const {
    auto const* const value = find(key);
    if (!value) return {};
    if (!value->is_string()) wrong(fmt::format("has a '{}' that is no text", key));
    return value->get<std::string>();
  }
  void read_files(Handover& handover) const {
    auto const* const files = find("files");
    if (!files) return;
    if (!files->is_object()) wrong("has 'files' that are no map");
    for (auto const& [written, place] : files->items()) {
      if (!place.is_string()) wrong(fmt::format("says no path for {}", shown(written)));
      auto const path = place.get<std::string>();
      if (auto const why = why_not_below(path); !why.empty())
        wrong(fmt::format("gives {} for {}, and {}", shown(path), shown(written), why));
      handover.files.emplace(written, path);
    }
  }
  void read_globs(Handover& handover) const {
    auto const* const globs = find("globs");
    if (!globs) return;
    if (!globs->is_object()) wrong("has 'globs' that are no map");
    for (auto const& [pattern, names] : globs->items()) {
      if (!names.is_array()) wrong(fmt::format("has no list of files for {}", shown(pattern)));
      auto& list = handover.globs[pattern];
      for (auto const& name : names) {
        auto text = name.is_string() ? name.get<std::string>() : std::string{};
        if (text.empty() || std::any_of(text.begin(), text.end(), is_control))
          wrong(fmt::format("has something that is no file's name for {}", shown(pattern)));
        list.push_back(std::move(text));
      }
    }
  }
  void read_without(Handover& handover) const {
    auto const* const without = find("without");
    if (!without) return;
    if (!without->is_object()) wrong("has a 'without' that is no map");
    for (auto const& [written, why] : without->items()) {
      auto words = why.is_string() ? why.get<std::string>() : std::string{};
      if (words.empty() || words.size() > kWordsMost)
        wrong(fmt::format("does not say why it lacks {}", shown(written)));
      std::replace_if(words.begin(), words.end(), is_control, '?');
      handover.without.emplace(written, std::move(words));
    }
  }
  void read_only(Selection& selection) const {
    auto const* const only = find("only");
    if (!only) return;
    if (!only->is_array()) wrong("has an 'only' that is no list");
    for (auto const& each : *only) {
      auto name = each.is_string() ? each.get<std::string>() : std::string{};
      if (name.empty() || std::any_of(name.begin(), name.end(), is_control))
        wrong("has an 'only' with something that is no name");
      selection.only.push_back(std::move(name));
    }
  }
  void read_sample(Selection& selection) const {
    auto const* const sample = find("sample");
    if (!sample) return;
    if (!sample->is_number_unsigned() || *sample == 0) wrong("has a 'sample' that is no number from 1");
    selection.sample = sample->get<std::size_t>();
  }
  void read_agreed(Handover& handover) const {
    if (!find("agreed")) return;
    auto const text = word("agreed");
    auto const space = text.find(' ');
    handover.agreed = read_money(text.substr(0, space));
    if (space != std::string::npos) handover.currency = text.substr(space + 1);
    bool const is_code = handover.currency.size() == 3 &&
                         std::all_of(handover.currency.begin(), handover.currency.end(),
                                     [](char letter) { return letter >= 'A' && letter <= 'Z'; });
    if (!handover.agreed || (space != std::string::npos && !is_code))
      wrong(fmt::format("has an 'agreed' that is no price like 12.40 CNY, but {}", shown(text)));
  }

  json const& letter_;
};

// "cats.yaml" → "cats"; what is only called manifest.yaml goes by its folder.
std::string name_for(fs::path const& file) {
  auto const folder = file.parent_path().filename();
  bool const nameless = file.filename() == kManifest && !folder.empty() && folder != "." && folder != "..";
  return normal_name(nameless ? folder.string() : file.stem().string());
}

// A file that the bundle cannot do without.
FoundFile need(Fd const& folder, char const* name) {
  auto found = find_below(folder, name).file;
  if (!found.why_not.empty())
    throw std::runtime_error{fmt::format("{} cannot be read: {}", name, found.why_not)};
  return found;
}

// Never a std::system_error: what lies in a bundle must not pass for trouble with our own files.
Handover read_letter(Fd const& folder) {
  auto const file = need(folder, kLetter);
  std::string text;
  try {
    text = read_file(file.path, kLetterMost);
  } catch (std::system_error const& error) {
    throw std::runtime_error{fmt::format("{} cannot be read: {}", kLetter, error.code().message())};
  }
  auto const letter = json::parse(text, nullptr, false);
  if (letter.is_discarded()) throw std::runtime_error{"bundle.json is no JSON; hand the manifest over anew"};
  return LetterReader{letter}.read();
}

}  // namespace

bool is_folder(fs::path const& path) {
  std::error_code gone;
  return fs::is_directory(fs::symlink_status(path, gone));
}

bool is_bundle(fs::path const& path) {
  return is_folder(path) && is_there(path / kManifest);
}

Bundle open_bundle(fs::path const& path, std::string const& source) {
  Bundle bundle;
  if (!is_folder(path)) {
    bundle.manifest = path;
    bundle.handover.file = shown_name(source);
    bundle.name = normal_name(fs::path{source}.stem().string());
    return bundle;
  }
  auto const folder = open_folder(path);
  if (!folder)
    throw std::runtime_error{"its folder cannot be opened: " + std::generic_category().message(errno)};
  auto found = need(folder, kManifest);
  bundle.manifest = std::move(found.path);
  bundle.held = std::move(found.held);
  bundle.handover.file = shown_name(source) + "/" + kManifest;
  bundle.name = normal_name(source);
  struct stat info {};
  bundle.mapped = ::fstatat(folder.get(), kLetter, &info, AT_SYMLINK_NOFOLLOW) == 0;
  if (!bundle.mapped) return bundle;
  bundle.handover = read_letter(folder);
  bundle.name = name_for(bundle.handover.file);
  return bundle;
}

FindFile files_of(Bundle const& bundle, fs::path const& path,
                  std::function<void(std::string const&)> lacking) {
  if (!is_folder(path)) return [](std::string const&) { return FoundFile{{}, kAlone}; };
  auto const folder = std::make_shared<Fd const>(open_folder(path));
  auto find = [folder, lacking = std::move(lacking)](std::string const& below) {
    auto found = find_below(*folder, below);
    if (found.missing && lacking) lacking(below);
    return found.file;
  };
  if (!bundle.mapped) return find;
  return [find = std::move(find), handover = bundle.handover](std::string const& written) {
    auto const place = handover.files.find(written);
    if (place != handover.files.end()) return find(place->second);
    auto const without = handover.without.find(written);
    if (without != handover.without.end()) return FoundFile{{}, without->second};
    FoundFile found{{}, "it was not handed over with the manifest; hand it over anew"};
    found.elsewhere = !handover.selection.all();
    return found;
  };
}

FindFiles globs_of(Bundle const& bundle, fs::path const& path,
                   std::function<void(std::string const&)> lacking) {
  if (!is_folder(path)) return [](std::string const&) { return FoundFiles{{}, kAlone}; };
  if (bundle.mapped)
    return [handover = bundle.handover](std::string const& pattern) {
      auto const known = handover.globs.find(pattern);
      if (known != handover.globs.end()) return FoundFiles{known->second};
      auto const without = handover.without.find(pattern);
      if (without != handover.without.end()) return FoundFiles{{}, without->second};
      return FoundFiles{{}, "its files were not handed over with the manifest; hand it over anew"};
    };
  auto const folder = std::make_shared<Fd const>(open_folder(path));
  return [folder, lacking = std::move(lacking)](std::string const& pattern) {
    auto found =
        expand_glob(pattern, [&](std::string const& written) { return list_below(*folder, written); });
    if (found.names.empty() && found.why_not.empty() && lacking) lacking(pattern);
    return found;
  };
}

}  // namespace wanspool

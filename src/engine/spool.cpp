#include "engine/spool.h"

#include <algorithm>
#include <system_error>

#include "base/files.h"

namespace wanspool {

namespace fs = std::filesystem;

namespace {

bool has_link(fs::path const& tree, fs::path const& name) {
  auto path = tree;
  std::error_code ignored;
  for (auto const& part : name) {
    path /= part;
    if (part == ".." || fs::symlink_status(path, ignored).type() == fs::file_type::symlink) return true;
  }
  return false;
}

fs::path folder_in(fs::path const& tree, std::string const& name) {
  auto const folder = tree / name;
  if (!fs::path{name}.has_root_directory() && !has_link(tree, name)) return folder;
  auto const real_tree = fs::weakly_canonical(tree), real = fs::weakly_canonical(folder);
  if (std::mismatch(real_tree.begin(), real_tree.end(), real.begin(), real.end()).first != real_tree.end())
    throw std::system_error{std::make_error_code(std::errc::too_many_symbolic_link_levels),
                            "a link leads " + folder.string() + " out of " + tree.string() + "; remove it"};
  return folder;
}

}  // namespace

Spool Spool::at(fs::path const& root, fs::path const& inbox, fs::path const& out) {
  Spool spool;
  spool.root = fs::absolute(root).lexically_normal();
  spool.inbox = spool.root / inbox;
  spool.out = spool.root / out;
  spool.accepted = spool.root / "accepted";
  spool.rejected = spool.root / "rejected";
  spool.state = spool.root / "state";
  spool.claims = spool.state / "claims";
  spool.spill = spool.state / "spill";
  spool.database = spool.state / "wanspool.db";
  auto const around_out = (spool.out / "").parent_path().parent_path();
  spool.old = around_out / "old";
  spool.orphans = around_out / "orphans";
  spool.answers = spool.state / "answers";
  spool.report = spool.state / "inbox.json";
  spool.files = spool.root / "files";
  return spool;
}

bool Spool::is_one(fs::path const& root) {
  std::error_code ignored;
  return fs::is_directory(root / "inbox", ignored);
}

void Spool::make() const {
  for (auto const& folder : {inbox, accepted, rejected, out, old, orphans, claims, spill, answers, files})
    make_folders(folder);
}

fs::path Spool::job_folder(std::string const& name) const {
  return folder_in(out, name);
}

fs::path Spool::old_folder(std::string const& name) const {
  return folder_in(old, name);
}

fs::path Spool::picture_path(std::string const& job, std::string const& file) const {
  auto const path = (fs::path{job} / file).lexically_normal();
  bool const stays = path.has_filename() && !path.has_root_directory() &&
                     path.begin()->string() == job.substr(0, job.find('/')) && path.begin()->string() != "..";
  if (!stays)
    throw std::system_error{std::make_error_code(std::errc::invalid_argument),
                            "the picture's name " + file + " leads out of " + (out / job).string()};
  return folder_in(out, path.parent_path().string()) / path.filename();
}

// No manifest's job has a name that begins with a dot.
fs::path Spool::displaced_folder(std::string const& job) const {
  return folder_in(old, job.substr(0, job.find('/')) + "/.displaced");
}

fs::path Spool::index_file(std::string const& manifest) const {
  return folder_in(out, manifest) / "metadata.jsonl";
}

fs::path Spool::orphan_folder(std::string const& task_id) const {
  auto name = task_id;
  auto const is_plain = [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') || letter == '-' || letter == '_';
  };
  std::replace_if(
      name.begin(), name.end(), [&](char letter) { return !is_plain(letter); }, '_');
  return orphans / name;
}

}  // namespace wanspool

#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model.h"
#include "core/task.h"
#include "core/terms.h"

// The room of YAML: manifests, the configuration and the model table, each read through yaml-cpp's events and
// checked key by key while it is read. Nothing is ever ignored: what is not understood is a complaint.
namespace wanspool {

struct Complaint {
  std::string file;
  int line = 0, column = 0;  // from 1; columns count characters; 0: the file as a whole
  std::string text;          // what is wrong; what would be right

  std::string str() const { return with("error"); }  // "FILE:LINE:COLUMN: error: TEXT", without the zeros
  std::string as_warning() const { return with("warning"); }

 private:
  std::string with(char const* kind) const;
};

// Where a file lies that a manifest names; `why_not` says in words for a person why it may not be read.
struct FoundFile {
  std::filesystem::path path;
  std::string why_not;
  std::shared_ptr<void const> held = {};  // where it is set, the path is good as long as this lives
  bool elsewhere =
      false;  // with `why_not`: whoever handed a part of the jobs over kept it, for they need it not
};
using FindFile = std::function<FoundFile(std::string const& written)>;

// Follows whatever its caller may read: relative paths are below `folder` (check, plan, submit).
FindFile files_below(std::filesystem::path folder);

// The files that fit a pattern (base/glob.h), as they would be written in the manifest, sorted by their
// bytes; hidden ones are left out.
struct FoundFiles {
  std::vector<std::string> names;
  std::string why_not = {};  // in words for a person why there are none to tell; "" also where none fits
};
using FindFiles = std::function<FoundFiles(std::string const& pattern)>;

// As files_below().
FindFiles globs_below(std::filesystem::path folder);

// A local picture by its contents.
struct LocalPicture {
  std::string name;  // "SHA256.EXT", as in JobRequest; EXT by the contents: png, jpg, bmp, webp
  std::int64_t bytes = 0;
  int width = 0, height = 0;
  bool alpha = false;        // it is a PNG with an alpha channel
  std::string why_not = {};  // in words for a person why it is no picture that can be sent; "" if it is one
};
// Reads the whole file. Whoever takes a manifest in keeps a copy and tells of that, so that what was checked
// is what is sent.
using LookAtPicture = std::function<LocalPicture(FoundFile const& file)>;

// Why the model does not take the picture, which is called so, in words for a person; nothing if it does.
std::vector<std::string> why_unfit(LocalPicture const& picture, std::string const& name, Model const& model);

struct ManifestSource {
  std::string_view text;
  std::string file;                 // how complaints name it
  std::string default_name = {};    // "": the file's name without its ending
  FindFile find = {};               // none: a manifest that names a file is wrong
  LookAtPicture look = {};          // none: local pictures are found and not looked at
  std::optional<Instant> now = {};  // a deadline that is past by then is worth a warning
  FindFiles glob = {};              // none: a manifest with an axis of files is wrong
};

// One job of those that a manifest's line stands for: rows, matrix and takes are written out.
struct ManifestJob {
  std::string id;  // below its manifest, each part normalised (manifest.md, Names): "catalog/00471/ink/t2"
  int line = 0, column = 0;
  JobRequest request;  // every parameter of the model's row has its value
  int pictures = 0;    // at most
  int take = 1;
  std::string mode = {};  // of its model's row
  std::string place =
      {};  // `picture`: of its pictures below out/MANIFEST/, without number and ending; "" for none
  std::string vars =
      {};               // what the placeholders may stand for in it, as a JSON object; "" where there is none
  bool unseen = false;  // a local picture of it is elsewhere: it can be counted and not bought
};

// A row whose own data is wrong and that `bad: skip` has left out.
struct BadRow {
  std::string file;
  int line = 0;
  std::string key;  // its name, where that could be told
  std::string text;
};

struct ManifestHead {
  std::string name;                                 // normalised
  Terms terms;                                      // but for a deadline that counts from the taking in:
  std::optional<milliseconds> deadline_after = {};  // "10h"
  std::size_t jobs = 0;
  std::vector<Complaint> complaints;     // in the order of the file; not empty: the manifest is refused whole
  std::vector<Complaint> warnings = {};  // what is right and probably not meant; at most 100
  std::vector<std::string> found = {};   // of each file of rows: separator, columns, key, number of rows
  std::vector<BadRow> bad_rows = {};
  // Jobs that others are made from: std::hash of their names below the manifest, sorted.
  std::vector<std::uint64_t> sources = {};

  bool ok() const { return complaints.empty(); }
};

// Reads the text and hands over each good job in the order written, in memory that grows by a few dozen bytes
// for each (to find equal names). Jobs may have been handed over before a later one is found wrong: nothing
// counts before ok(). At most 100 complaints are collected, then a last one says so. A file that it names is
// read while it is needed; one that cannot be read is a complaint.
ManifestHead read_manifest(ManifestSource const& source, Models const& models,
                           std::function<void(ManifestJob)> const& take);

// What a person asks of the daemon by a file in the inbox: `command: redo`, `id: …`, `jobs: […]`.
struct Command {
  enum class Verb { Redo, Adopt, Resume, List, Cancel, Retry, Pause, Priority };
  Verb verb = Verb::Redo;
  std::string id;  // it takes effect once; "" where the file gives none
  // Redo and Adopt (exactly one): MANIFEST/JOB, normalised part by part. Else what means jobs: a manifest, a
  // prefix or a glob; none: the whole spool (Pause, Resume) or all that has failed (Retry).
  std::vector<std::string> jobs;
  std::string task_id;                                       // Adopt
  std::optional<Money> price = {};                           // Redo: agreed to, for all of them
  std::string currency = {};                                 // of the price
  bool failed = false;                                       // Retry: of these, what has failed
  wanspool::Priority priority = wanspool::Priority::Normal;  // Priority
};
struct CommandRead {
  Command command;
  std::vector<Complaint> complaints;
};
// Whether the text is a mapping with the key `command`, and so no manifest. Never throws.
bool is_command(std::string_view text);
CommandRead read_command(std::string_view text, std::string const& file);

// The name rule of manifest.md for ids and manifest names: ASCII letters lowered, letters and digits of every
// script kept (NFC), '.', '_', '-' stay, any other run becomes one '-', trimmed of '-' and leading dots; over
// 80 bytes cut and given '-' and six hex digits of its hash. "" if nothing is left.
std::string normal_name(std::string_view text);
// The same for each part between slashes; "" if nothing is left of one.
std::string normal_path(std::string_view text);

// draft-07, made from the tables that the reader itself uses; ends with a line end (`wanspool schema`).
std::string manifest_schema(Models const& models);

// The model table (schema/models.yaml). Throws std::runtime_error with all complaints if it is wrong.
Models read_models(std::string_view text, std::string const& file);

}  // namespace wanspool

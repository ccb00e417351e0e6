#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model.h"
#include "core/task.h"

// The room of YAML: manifests, the configuration and the model table, each read through yaml-cpp's events and
// checked key by key while it is read. Nothing is ever ignored: what is not understood is a complaint.
namespace wanspool {

struct Complaint {
  std::string file;
  int line = 0, column = 0;  // from 1; columns count characters; 0: the file as a whole
  std::string text;          // what is wrong; what would be right

  std::string str() const;  // "FILE:LINE:COLUMN: error: TEXT", without the zeros
};

struct ManifestJob {
  std::string id;  // normalised (manifest.md, Names); unique within its manifest
  int line = 0, column = 0;
  JobRequest request;  // every parameter of the model's row has its value
  int pictures = 0;    // at most
};

struct ManifestHead {
  std::string name;                   // normalised; by default the file's name without its ending
  OnDoubt on_doubt = OnDoubt::Adopt;  // on_uncertain
  bool refill = false;
  std::size_t jobs = 0;
  std::vector<Complaint> complaints;  // in the order of the file; not empty: the manifest is refused whole

  bool ok() const { return complaints.empty(); }
};

// Reads `text` and hands over each good job as it ends, in the order written, in memory that does not grow
// with their number (their ids aside). `file` is how complaints name it. Jobs may have been handed over
// before a later one is found wrong: nothing counts before ok(). At most 100 complaints are collected, then a
// last one says so.
ManifestHead read_manifest(std::string_view text, std::string const& file, Models const& models,
                           std::function<void(ManifestJob)> const& take);

// What a person asks of the daemon by a file in the inbox: `command: redo`, `id: …`, `jobs: […]`.
struct Command {
  enum class Verb { Redo, Adopt, Resume, List };
  Verb verb = Verb::Redo;
  std::string id;                 // it takes effect once; "" where the file gives none
  std::vector<std::string> jobs;  // MANIFEST/JOB, normalised part by part; for Adopt exactly one
  std::string task_id;            // Adopt
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

// The model table (schema/models.yaml). Throws std::runtime_error with all complaints if it is wrong.
Models read_models(std::string_view text, std::string const& file);

}  // namespace wanspool

#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "base/time.h"
#include "emulator/options.h"
#include "emulator/wire.h"

// The temporary store of local files: policies and multipart posts (contract §7). Bytes are measured, not
// kept.
namespace wanspool::emulator {

struct Stored {
  std::string model;
  std::string sha256;
  std::size_t bytes = 0;
  std::optional<Size> size;
  Instant came;
};

class Uploads {
 public:
  Uploads(Options const& options, std::string secret) : options_{options}, secret_{std::move(secret)} {}

  // The body of getPolicy's answer.
  std::string policy(std::string const& model, std::string const& request_id, std::string const& host,
                     Instant now);
  Answer receive(Asked const& asked, Instant now);
  // nullptr: no such file, or not any more.
  Stored const* find(std::string_view key, Instant now) const;
  std::size_t count() const { return files_.size(); }

 private:
  Answer keep(std::string const& key, std::string const& model, std::string_view bytes, bool plain,
              Instant now);

  Options const& options_;
  std::string secret_;
  std::unordered_map<std::string, std::string> models_;  // upload_dir -> model
  std::unordered_map<std::string, Stored> files_;
};

}  // namespace wanspool::emulator

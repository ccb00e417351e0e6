#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/proposal.h"
#include "app/screen.h"
#include "engine/bundle.h"

namespace CLI {
class App;
}

namespace wanspool::app {

// A manifest to be handed over, and what its person says beside it.
struct Paper {
  Proposal proposal;
  Handover handover;

  // It travels with more than its own text, or goes by its folder's name.
  bool is_bundle() const;
  // The name under which the inbox gets it.
  std::string source() const;
};

// --sample and --only.
void add_selection(CLI::App& command, Selection& selection);

// Shows what each would do and cost, and asks where that is more than a person has agreed to by the
// configuration or by the manifest's own budget. Nothing for a no. Throws Quit 6 where there is nobody to
// ask. Manifests that are wrong are passed through as they are.
std::optional<std::vector<Paper>> approve(std::vector<Proposal> proposals, Selection const& selection,
                                          Context const& context, bool yes, Screen& screen);

// A bundle under a hidden name in the inbox, which is gone with the object unless it was sent.
class Parcel {
 public:
  // Throws std::system_error, std::runtime_error.
  Parcel(Spool const& spool, Paper const& paper);
  ~Parcel();
  Parcel(Parcel const&) = delete;
  Parcel& operator=(Parcel const&) = delete;

  std::filesystem::path const& folder() const { return folder_; }
  // By one rename.
  void send(std::filesystem::path const& to) const;

 private:
  std::filesystem::path hidden_, folder_;
};

}  // namespace wanspool::app

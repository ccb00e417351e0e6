#pragma once

#include <map>
#include <memory>
#include <string>

#include "core/model.h"
#include "manifest/complaints.h"
#include "manifest/manifest.h"
#include "manifest/node.h"

namespace wanspool::yaml {

// A local picture of a manifest.
struct Picture {
  std::string written;
  std::string image;    // as JobRequest has it
  std::string why_not;  // "" if it can be sent, as far as can be told without a model
  LocalPicture facts;
  bool seen = false;       // there are facts
  bool elsewhere = false;  // FoundFile::elsewhere
};

// Those of a manifest, each found and looked at once as long as they are not too many.
class Pictures {
 public:
  Pictures(FindFile const& find, LookAtPicture const& look) : find_{find}, look_{look} {}
  // Complains where it returns nothing.
  std::shared_ptr<Picture const> read(View where, std::string const& written, Complaints& complaints);

 private:
  Picture fetch(std::string const& written) const;

  FindFile const& find_;
  LookAtPicture const& look_;
  std::map<std::string, std::shared_ptr<Picture const>> known_;
};

// Complains of what the model does not take (contract §2.1, §2.2).
void check_picture(Picture const& picture, Model const& model, View where, Complaints& complaints);

// A word of a shell's command line that stands for the text.
std::string quoted_for_shell(std::string const& text);

}  // namespace wanspool::yaml

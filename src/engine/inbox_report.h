#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/inbox.h"

// What only the daemon knows of what lies in the inbox: for whoever asks, in a file of state/.
namespace wanspool {

struct InboxReport {
  std::string trouble;                  // why the folder cannot be looked through; "" where it can
  std::vector<Inbox::Waiting> entries;  // what was left there, with the reason; not more than a thousand

  bool empty() const { return trouble.empty() && entries.empty(); }
};

// As JSON; "" of an empty one.
std::string text_of(InboxReport const& report);
// An empty one where there is none, or where it cannot be read.
InboxReport read_report(std::filesystem::path const& file);
// In JSON, and so in a report, names are UTF-8.
std::string reported_name(std::string const& name);

// An empty text takes it away. After a power cut it is told anew, and so it is not synced. Throws
// std::system_error.
void write_report(std::filesystem::path const& file, std::string const& text);

}  // namespace wanspool

#pragma once

#include <map>
#include <string>

#include "emulator/tasks.h"

// The API's answers as JSON text: contract §3 and §8.
namespace wanspool::emulator {

std::string created_body(Task const& task);
// `host` is "http://127.0.0.1:PORT", before which result addresses are put. nullptr: UNKNOWN.
std::string query_body(Task const* task, std::string const& id, std::string const& request_id,
                       std::string const& host);
// What a synchronous call says: choices, or the error it failed with; or both as an event stream.
std::string at_once_body(Task const& task, std::string const& host);
std::string stream_body(Task const& task, std::string const& host);
int failure_status(Task const& task);
std::string error_body(std::string const& code, std::string const& message, std::string const& request_id);

// One page of the account's tasks, newest first. `filters` are the query's parameters; an empty text means
// that one of them is wrong, and `complaint` says which.
std::string list_body(World& world, std::map<std::string, std::string> const& filters,
                      std::string const& request_id, Instant now, std::string& complaint);

}  // namespace wanspool::emulator

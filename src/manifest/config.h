#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/caps.h"
#include "core/hooks.h"
#include "manifest/manifest.h"

namespace wanspool {

// What the configuration says about a model's limits; the row for its region lies underneath.
struct LimitsChange {
  std::optional<int> creates_per_second, slots, creates_in_flight;  // 0: no limit

  bool operator==(LimitsChange const&) const = default;
};

// `base` with what `change` sets.
Limits laid_over(Limits base, LimitsChange const& change);

// Another account than the main one, with limits and queries of its own.
struct AccountConfig {
  std::string api_key_file;                    // "" unless set
  std::string endpoint;                        // as Config's; "": the main account's
  std::string workspace;                       // its id; "" unless set
  std::map<std::string, LimitsChange> limits;  // by model, laid over the table's rows
  int queries_per_second = 20;                 // as Config's, the next as well
  int lists_per_second = 20;

  bool operator==(AccountConfig const&) const = default;
};

// Whose is what the daemon writes for people: below `out` and beside it, and receipts.
struct FilesConfig {
  std::optional<int> umask;  // none: the process's
  std::string group;         // a name or an id; "": the process's

  bool operator==(FilesConfig const&) const = default;
};

// config.yaml, every key optional. Relative paths are below the spool's root.
struct Config {
  std::string endpoint;     // base address with /api/v1, no slash at its end; "" unless set
  std::string region;       // one of kRegions; "" unless set
  std::string workspace;    // its id; "" unless set
  bool allow_http = false;  // plain http to a host that is not loopback
  // Hosts beside the service's own storage that results come from, and that input pictures are sent to; in
  // lower case, '*' for what has no dot in it.
  std::vector<std::string> result_hosts, upload_hosts;
  std::string api_key_file;  // "" unless set
  Models models;             // rows of the user's own, none of them of a name that the table has
  std::map<std::string, LimitsChange> limits;  // of the main account, by model: what the file says of it
  int queries_per_second = 20;                 // single queries (contract §5); 0: no limit
  int lists_per_second = 20;                   // and so many pages of the account's list; 0: no limit
  milliseconds list_delay{seconds{60}};
  milliseconds settle{seconds{2}};   // a dropped file must stay unchanged so long
  milliseconds rescan{seconds{10}};  // how often the inbox is looked at without being told
  // What a manifest may newly cost without a person's yes; in the currency of the model table.
  Money ask_above{50'000'000};
  Caps caps;             // `budget`: of each day and month, of models, and of the accounts below
  std::string timezone;  // in which days turn; "": the system's
  std::filesystem::path inbox{"inbox"}, out{"out"};
  std::filesystem::path metrics_file;  // for Prometheus; "": none is written
  milliseconds metrics_every{seconds{15}};
  FilesConfig files;
  bool json_logs = false;  // where no journal takes them
  HookCommands hooks;
  std::map<std::string, AccountConfig> accounts;  // by name, beside the main one
};

// What holds for a model in a region under this account, the configuration's change laid over the table's
// row.
Limits limits_of(Model const& model, std::string const& region, Config const& config,
                 std::string const& account = {});

struct ConfigRead {
  Config config;
  std::vector<Complaint> complaints;
};

// `models`: the table, which the file may add rows to. Never throws for what is in the text: every mistake is
// a complaint with its place and a 'did you mean'.
ConfigRead read_config(std::string_view text, std::string const& file, Models const& models);

}  // namespace wanspool

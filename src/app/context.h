#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/spool.h"
#include "manifest/config.h"
#include "store/store.h"

namespace CLI {
class App;
}

namespace wanspool::app {

inline constexpr char kServiceRoot[] = "/var/lib/wanspool";

// What a command line says about where things are; "" for what it leaves open.
struct Where {
  std::string root, config;
};
void add_where(CLI::App& command, Where& where);
// --json and --csv, of which one can be chosen. The words say what each prints.
void add_forms(CLI::App& command, bool& json, bool& csv, std::string const& json_words,
               std::string const& csv_words = "a table (RFC 4180) with a line of names");

// A folder that holds a spool, its inbox perhaps elsewhere.
bool is_spool(std::filesystem::path const& folder);
// Throws Quit where this user may not look into the folder, and so cannot tell whether it is one.
void refuse_locked(std::filesystem::path const& root);
// Which spool is meant, there or not: `root`, $WANSPOOL_ROOT, the one around `here`, a spool/ in `here` or in
// a parent, the service's. "" if nothing is meant and none is found.
std::filesystem::path find_root(std::string const& root, std::filesystem::path const& here);

// What a command needs to know before it does anything.
struct Context {
  Spool spool;
  Config config;
  Models models;
  std::string endpoint, region;
  std::string workspace;  // that each request names; "" for none

  bool has_spool() const { return !spool.root.empty(); }
  // "", the main one, and those beside it.
  std::vector<std::string> account_names() const;
  std::string currency() const { return models.empty() ? "" : models.begin()->second.currency; }
};

enum class Making { Refused, Allowed };
// Throws Quit: 2 there is no spool, 78 the configuration is wrong (with every complaint). Says on standard
// error what it makes.
Context open_context(Where const& where, Making making = Making::Refused);

// What the configuration says by now, for the spool of one that runs. Changes nothing of this process, its
// time zone neither. Throws Quit 78 like open_context(), also for what can be no account.
Context context_anew(Where const& where, Context const& running);

// The table of models that travels in the program; a context's has the user's own rows as well.
Models known_models();

// Without a spool the root is empty and the configuration is what the environment and the defaults say.
// Throws Quit like open_context() for a wrong configuration.
Context likely_context(Where const& where);

// None where nothing has been taken in yet.
std::unique_ptr<Reader> reader_of(Spool const& spool);

}  // namespace wanspool::app

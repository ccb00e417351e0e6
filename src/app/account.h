#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "engine/account.h"
#include "manifest/config.h"

namespace wanspool::app {

// The address we buy from: $DASHSCOPE_HTTP_BASE_URL, else the configuration, else the international service;
// without slashes at its end; what the configuration leaves open, its region and its workspace say. Throws
// Quit 78 for one that cannot be right.
std::string endpoint_of(Config const& config);
// Whose prices and limits apply there: where the host does not tell, what the configuration says; else
// "unknown". Throws Quit 78 where the two differ.
std::string region_of(Config const& config, std::string const& endpoint);
// The workspace that each request must name, because its host does not; "" for none.
std::string workspace_of(Config const& config, std::string const& endpoint);

struct Key {
  std::string text;       // never printed
  std::string complaint;  // why there is none, if a file that should hold one does not; "" otherwise
};

// Of the main account, "": $DASHSCOPE_API_KEY, else $CREDENTIALS_DIRECTORY/dashscope-api-key, else the
// configured file (below `root` if relative); of another one the credential dashscope-api-key-NAME, else its
// file. An emulator takes any word, so that one on loopback needs none.
Key read_key(Config const& config, std::filesystem::path const& root, std::string const& region,
             std::string const& account = {});

// Looks again at each call, and warns when a file that should hold a key newly does not.
std::function<std::string()> key_source(Config const& config, std::filesystem::path const& root,
                                        std::string const& region, std::string const& account = {});

// The main account, which buys at `endpoint`, and those that the configuration has beside it. Throws Quit 78
// for one that is not in `region`.
std::vector<AccountSettings> accounts_of(Config const& config, std::filesystem::path const& root,
                                         std::string const& endpoint, std::string const& region);

}  // namespace wanspool::app

#pragma once

#include <filesystem>
#include <functional>
#include <string>

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

// $DASHSCOPE_API_KEY, else $CREDENTIALS_DIRECTORY/dashscope-api-key, else the configured file (below `root`
// if relative). An emulator takes any word, so that one on loopback needs none.
Key read_key(Config const& config, std::filesystem::path const& root, std::string const& region);

// Looks again at each call, and warns when a file that should hold a key newly does not.
std::function<std::string()> key_source(Config const& config, std::filesystem::path const& root,
                                        std::string const& region);

}  // namespace wanspool::app

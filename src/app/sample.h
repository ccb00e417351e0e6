#pragma once

namespace wanspool::app {

// A config.yaml in which every key is there, explained, and commented out: "# key: value" is a setting,
// "## …" is a word about it.
char const* sample_config();

}  // namespace wanspool::app

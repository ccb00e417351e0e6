#pragma once

#include <string>
#include <vector>

// Where the addresses of answers may lead (contract §6, §7).
namespace wanspool::provider {

// Hosts of the object storage that results come from and pictures go to: '*' stands for what has no dot in
// it. Anybody may rent a bucket that is called so; what it keeps out is the rest of the world.
std::vector<std::string> storage_hosts();

// The code of a trouble with an address that nothing is fetched from: it leads into a private network, or
// elsewhere than to the storage. The picture is paid for, so it waits; a person may mend it.
inline constexpr char kAddressRefused[] = "AddressRefused";

}  // namespace wanspool::provider

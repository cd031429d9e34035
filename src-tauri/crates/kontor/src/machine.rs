//! What the machine says about itself: its kernel, its boot, the memory errors it counted, and whom it killed for want of
//! memory. Only Linux tells all of it; elsewhere there is an answer too: that nothing is known.

#[cfg(not(target_os = "linux"))]
use elsewhere as system;
#[cfg(target_os = "linux")]
use linux as system;

/// Name and version of the operating system's kernel.
pub fn kernel() -> String {
    system::kernel()
}

/// Id of the present boot; empty where the system tells none.
pub fn boot_id() -> String {
    system::boot_id()
}

/// Memory errors, corrected or not, that the machine has counted since it booted; none where it counts none (EDAC).
pub fn memory_errors() -> Option<i64> {
    system::memory_errors()
}

/// How many processes of this one's group were killed because the group's memory was used up; none where nobody counts.
pub fn out_of_memory_kills() -> Option<i64> {
    system::out_of_memory_kills()
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs::{read_dir, read_to_string};
    use std::path::{Path, PathBuf};

    pub fn kernel() -> String {
        format!("Linux {}", read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim())
    }

    pub fn boot_id() -> String {
        read_to_string("/proc/sys/kernel/random/boot_id").map(|id| id.trim().to_owned()).unwrap_or_default()
    }

    /// Every memory controller has a folder with its counters. `KONTOR_EDAC` names another place for them.
    pub fn memory_errors() -> Option<i64> {
        let place = std::env::var_os("KONTOR_EDAC");
        counted(&place.map_or_else(|| PathBuf::from("/sys/devices/system/edac/mc"), PathBuf::from))
    }

    fn counted(place: &Path) -> Option<i64> {
        let counters = ["ce_count", "ue_count"];
        let controllers = read_dir(place).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
        let counts = controllers
            .flat_map(|folder| counters.map(|name| folder.join(name)))
            .filter_map(|file| read_to_string(file).ok()?.trim().parse::<i64>().ok());
        counts.fold(None, |sum, count| Some(sum.unwrap_or(0) + count))
    }

    pub fn out_of_memory_kills() -> Option<i64> {
        let groups = read_to_string("/proc/self/cgroup").ok()?;
        let group = groups.lines().find_map(|line| line.strip_prefix("0::"))?;
        killed(&Path::new("/sys/fs/cgroup").join(group.trim_start_matches('/')))
    }

    /// Kills that a group of processes has counted. Those of groups within it count with it.
    fn killed(group: &Path) -> Option<i64> {
        let events = read_to_string(group.join("memory.events")).ok()?;
        events.lines().find_map(|line| line.strip_prefix("oom_kill "))?.trim().parse().ok()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn counters_of_all_controllers_are_added() {
            let folder = tempfile::tempdir().expect("a folder");
            assert_eq!(counted(folder.path()), None, "no controller, no count");
            for (controller, corrected, not) in [("mc0", "3\n", "1\n"), ("mc1", "20\n", "0\n")] {
                let place = folder.path().join(controller);
                std::fs::create_dir(&place).expect("a folder");
                std::fs::write(place.join("ce_count"), corrected).expect("a file");
                std::fs::write(place.join("ue_count"), not).expect("a file");
            }
            std::fs::create_dir(folder.path().join("power")).expect("a folder");
            assert_eq!(counted(folder.path()), Some(24));
        }

        #[test]
        fn a_group_tells_its_kills() {
            let group = tempfile::tempdir().expect("a folder");
            assert_eq!(killed(group.path()), None, "a group without a memory controller");
            let events = "low 0\nhigh 12\nmax 7\noom 4\noom_kill 3\noom_group_kill 1\n";
            std::fs::write(group.path().join("memory.events"), events).expect("a file");
            assert_eq!(killed(group.path()), Some(3));
            std::fs::write(group.path().join("memory.events"), "low 0\noom 4\n").expect("a file");
            assert_eq!(killed(group.path()), None, "kernels before 4.19 do not count them");
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    pub fn kernel() -> String {
        std::env::consts::OS.to_owned()
    }

    pub fn boot_id() -> String {
        String::new()
    }

    pub fn memory_errors() -> Option<i64> {
        None
    }

    pub fn out_of_memory_kills() -> Option<i64> {
        None
    }
}

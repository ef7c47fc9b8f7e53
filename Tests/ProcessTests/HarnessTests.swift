import Subprocess
import TestSupport
import Testing

@Suite("The process harness")
struct HarnessTests {
    @Test("lines, exit codes and both channels are collected")
    func collects() async throws {
        let result = try await withProcesses { try await $0.run("/bin/sh", ["-c", "echo one; echo two >&2; exit 3"]) }
        #expect(result.exitCode == 3)
        #expect(result.output.contains("one") && result.error.contains("two"))
    }

    @Test("a line is awaited, then a signal ends the process")
    func signals() async throws {
        try await withProcesses { launcher in
            let process = launcher.launch("/bin/sh", ["-c", "echo ready; while :; do read nothing < /dev/zero; done"])
            try await process.line(containing: "ready")
            try await process.send(.kill)
            #expect(try await process.end() == .signaled(9))
        }
    }

    @Test("waiting for a line that never comes fails with what was said")
    func neverSaid() async throws {
        try await withProcesses { launcher in
            let process = launcher.launch("/bin/sh", ["-c", "echo something else"])
            let failure = await #expect(throws: RunningProcess.Failure.self) { try await process.line(containing: "ready") }
            #expect(failure?.description.contains("something else") == true)
        }
    }

    @Test("a process left running ends with the closure")
    func leftRunning() async throws {
        let process = try await withProcesses { launcher in
            let process = launcher.launch("/bin/sh", ["-c", "echo ready; while :; do read nothing < /dev/zero; done"])
            try await process.line(containing: "ready")
            return process
        }
        await #expect(throws: RunningProcess.Failure.self) { try await process.end() }
    }

    @Test("an executable that does not exist is an error")
    func missing() async throws {
        try await withProcesses { launcher in
            await #expect(throws: RunningProcess.Failure.self) { try await launcher.run("/nowhere/at/all", []) }
        }
    }
}

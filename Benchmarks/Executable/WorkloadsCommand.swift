import ArgumentParser
import Foundation

@main
struct WorkloadsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workloads",
        abstract: "Measures Tributary against other libraries on the same workload, in turns.",
        discussion: "scripts/bench builds this, finds Python with the peers and calls `compare`.",
        subcommands: [Compare.self, Ours.self, GenerateWorkload.self, MachineCommand.self])

    static func output(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
    static func note(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }
}

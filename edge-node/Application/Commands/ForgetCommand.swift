internal import ArgumentParser
internal import CommandSupport
internal import EdgeRuntime
internal import EdgeStore

struct ForgetCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "forget", abstract: "Erases a person from this node.",
            discussion: """
                The events and the keyed hash are overwritten on disk and take part in no later round. What earlier rounds learned from the person \
                stays in the published models, within the ε that `edge-node privacy` shows; copies and the file that was imported are the operator's to erase.
                """)
    }
    @OptionGroup var location: DirectoryOptions
    @OptionGroup var output: OutputOptions
    @Option(name: .long, help: "The user, as in the imported events.")
    var user: String

    func run() async throws {
        try await reportingFailures(exitStatus) {
            guard let forgotten = try await location.node.existingStorage().forget(user: user) else {
                throw CommandFailure(.noInput, "This node has no events of that user; nothing was changed.")
            }
            switch output.format {
            case .json: StandardStreams.output(try ["erasedEvents": forgotten.events].jsonLine())
            case .text: StandardStreams.output("Erased the user and \(forgotten.events) events.")
            }
        }
    }
}

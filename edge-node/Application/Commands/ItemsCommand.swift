internal import ArgumentParser
internal import CommandSupport
internal import DataFiles
internal import EdgeRuntime
internal import EdgeStore
internal import Federation
internal import Interactions

struct ItemsCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "items", abstract: "New items, which the plan's catalog does not list and this node may recommend.",
            subcommands: [ImportItemsCommand.self])
    }
}

struct ImportItemsCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "import", abstract: "Replaces this node's list of new items by a catalog file.",
            discussion: """
                The file is a catalog: a CSV with item_id and, so that something is known of an item before its first events, title and categories. \
                Items that the plan's catalog lists are passed over, so the application's whole current catalog will do; a file with a header only \
                removes the list. A node at work takes the new list with the next question.
                """)
    }
    @OptionGroup var location: DirectoryOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: "The catalog file, plain or gzip-compressed.")
    var file: String

    func run() async throws {
        try await reportingFailures(exitStatus) {
            let list = try DataFile(path: file).catalog()
            let storage = try location.node.storage()
            try await storage.setNewItems(list)
            guard let engine = try await storage.storedEngine() else {
                try show(ItemsLine(listed: list.count, new: nil, undescribed: nil))
                return
            }
            let histories = try await storage.histories(meeting: list.items.map(\.id), limit: NewItems.mostHistories)
            let items = NewItems(list, beside: engine, histories: histories)
            try show(ItemsLine(listed: list.count, new: items.items.count + items.undescribed.count, undescribed: items.undescribed.count))
        }
    }

    private func show(_ line: ItemsLine) throws {
        switch output.format {
        case .json: StandardStreams.output(try line.jsonLine())
        case .text:
            StandardStreams.output("\(line.listed) items listed")
            guard let new = line.new, let undescribed = line.undescribed else {
                StandardStreams.output("No model is served yet; which of them are new shows when it is.")
                return
            }
            StandardStreams.output("\(new) of them are not in the plan's catalog")
            if undescribed > 0 {
                StandardStreams.output(
                    "\(undescribed) share no category and no word of the title with a known item; they are recommended once events beside known items name them")
            }
        }
    }
}

private struct ItemsLine: Encodable {
    var listed: Int
    /// Items the plan's catalog does not list; absent before the first model.
    var new: Int?
    var undescribed: Int?
}

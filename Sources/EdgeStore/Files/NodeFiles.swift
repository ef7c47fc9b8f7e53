internal import DurableFiles

/// One directory of a node's files, whose failures are the node's own errors.
struct NodeFiles: Sendable {
    private let directory: DurableDirectory

    /// Creates the directory, for its owner only, when there is none.
    init(creating path: String) throws { directory = try translatingErrors { try DurableDirectory(creating: path) } }

    func path(of name: String) -> String { directory.path(of: name) }
    func size(of name: String) -> Int? { directory.size(of: name) }
    func write(_ bytes: [UInt8], to name: String) throws { try translatingErrors { try directory.write(bytes, to: name) } }
    func rename(_ name: String, to final: String) throws { try translatingErrors { try directory.rename(name, to: final) } }
    func append(_ bytes: [UInt8], at offset: Int, to name: String) throws { try translatingErrors { try directory.append(bytes, at: offset, to: name) } }
    func read(_ name: String, at offset: Int = 0, maximumCount: Int = .max) throws -> [UInt8]? {
        try translatingErrors { try directory.read(name, at: offset, maximumCount: maximumCount) }
    }
    func syncFile(_ name: String) throws { try translatingErrors { try directory.syncFile(name) } }
    func remove(_ name: String) throws { try translatingErrors { try directory.remove(name) } }
    func names() throws -> [String] { try translatingErrors { try directory.names() } }
}

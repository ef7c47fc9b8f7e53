public import Interactions

/// Events read from a file, and what is to be known about the reading.
public struct ImportedFile: Sendable {
    public let table: InteractionTable
    public let report: ImportReport
    public let format: InteractionFormat
    /// SHA-256 of the file as stored, 32 bytes.
    public let digest: [UInt8]
}

extension DataFile {
    /// Reads a file of events, plain or gzip.
    /// - Parameters:
    ///   - format: its format, or `.auto` to tell it from the first lines.
    ///   - columns: columns chosen by name; the others are recognised from the header.
    /// - Throws: ``ImportError`` naming file, line, column and what was expected.
    public func interactions(
        format: InteractionFormat.Name = .auto, columns: ColumnChoice = ColumnChoice(), options: ImportOptions = ImportOptions()
    ) throws -> ImportedFile {
        let start = try start(InteractionFormat.detectionBytes)
        let format = try InteractionFormat.resolve(format, columns: columns, start: start, fileName: name)
        var reader = InteractionReader(format: format, fileName: name, options: options)
        let digest = try read { try reader.consume($0) }
        try reader.finish()
        return ImportedFile(table: reader.table, report: reader.report, format: format, digest: digest)
    }

    /// Reads a catalog, plain or gzip CSV.
    /// - Throws: ``ImportError`` naming file, line, column and what was expected.
    public func catalog() throws -> Catalog { try Catalog(csv: contents(), fileName: name) }
}

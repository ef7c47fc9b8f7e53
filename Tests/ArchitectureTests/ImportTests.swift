import Testing
import TestSupport

@Suite("Modules import what the picture allows")
struct ImportTests {
    @Test("a target imports only what its row allows", arguments: ImportTable.current.rows)
    func allowed(_ row: TargetRow) throws {
        for file in try SourceFile.all(under: row.folder) {
            for (line, module) in file.imports {
                #expect(
                    row.ours.contains(module) || row.outside.contains(module) || module == "Swift",
                    "\(file.path):\(line): \(row.name) imports \(module), which its row in AllowedImports.swift does not allow")
            }
        }
    }

    @Test("every folder of sources has a row, and every row a folder with sources")
    func complete() throws {
        let folders = Set(ImportTable.current.rows.map(\.folder))
        let cFolders: Set = ["Sources/CKernels", "Sources/COpenBLAS", "Sources/CLibCrypto", "Sources/CZlib"]
        let present = try ["Sources", "coordinator", "edge-node"].flatMap { parent in try PackageTree.folders(in: parent) }
        #expect(Set(present).subtracting(cFolders) == folders)
        for folder in folders { #expect(try !SourceFile.all(under: folder).isEmpty, "\(folder) holds no Swift file") }
    }

    @Test("dependencies point down", arguments: ImportTable.current.rows)
    func down(_ row: TargetRow) {
        for module in row.ours {
            guard let layer = ImportTable.current.layer(of: module) else { continue }
            #expect(layer <= row.layer, "\(row.name) may not depend on \(module): it lies in a higher layer")
        }
    }

    @Test("nothing below the adapters reaches a network, a database, the web or files")
    func pureCores() throws {
        let adapters = try #require(ImportTable.current.layers.firstIndex(of: "adapters"))
        for row in ImportTable.current.rows where row.layer < adapters {
            #expect(row.outside.isDisjoint(with: outsideWorld), "\(row.name): \(row.outside.intersection(outsideWorld))")
        }
    }

    @Test("a shipped executable holds no noise that a seed could undo")
    func noSeededNoiseInShippedExecutables() {
        for row in ImportTable.current.rows where row.folder.hasPrefix("coordinator/") || row.folder.hasPrefix("edge-node/") {
            #expect(row.ours.isDisjoint(with: ["Simulator", "SeededNoise", "TestSupport"]), "\(row.name)")
        }
    }

    @Test(
        "imports are found in every spelling",
        arguments: [
            ("import GRDB", "GRDB"), ("public import GRDB", "GRDB"), ("@preconcurrency package import GRDB", "GRDB"),
            ("@_exported import struct GRDB.Row", "GRDB"), ("  internal import NIOCore.Something", "NIOCore"),
        ])
    func spellings(_ line: String, _ module: String) {
        #expect(SourceFile(path: "a.swift", text: line).imports.map(\.module) == [module])
    }

    @Test("what only looks like an import is not one", arguments: ["// import GRDB", "let text = \"import GRDB\"", "/* import GRDB", "importer.run()"])
    func lookalikes(_ line: String) {
        #expect(SourceFile(path: "a.swift", text: line).imports.isEmpty)
    }
}

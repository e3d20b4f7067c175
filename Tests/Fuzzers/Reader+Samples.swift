import ArgumentParser
import Formats
import Imaging

@testable import Genera

extension Reader {
    /// What families read and write: samples, data sets, records, plugins.
    static let samples: [Reader] = [
        Reader("graph-json", ending: "json") { try readSamples(Graph.self, $0) },
        Reader("graph-files", ending: "s6") { try readSamples(Graph.self, $0) },
        Reader("pages", ending: "json") { try readSamples(TextPage.self, $0) },
        Reader("pages-text", ending: "txt") { try readSamples(TextPage.self, $0) },
        Reader("clouds", ending: "npz") { try readSamples(PointCloud.self, $0) },
        Reader("cloud-tables", ending: "csv") { try readSamples(PointCloud.self, $0) },
        Reader("image-arrays", ending: "npz") { try readArrays($0) },
        Reader("picture-set", ending: "zip") { path in
            let set = try PictureSet.zip(path, limit: 8)
            blackHole(try? set.all())
            blackHole(try ImageDataset.load(path, limit: 8))
        },
        Reader("image-labels") { view in
            let names = ["a.png", "b/c.png", "d.png"]
            if let labels = try PictureLabels.json(view.array(), file: "f", names: names) {
                blackHole((labels.classes, labels.prefix(2).names))
                if labels.width < 1 << 16 { blackHole(labels.rows) }
            }
        },
        Reader("recipe") { view in
            guard let text = view.text() else { return }
            let recipe = try Recipe(json: text, file: "f")
            blackHole((recipe.arguments, recipe.command, recipe.json, recipe.texts))
        },
        Reader("recipe-picture", ending: "png") { blackHole(try Recipe(of: $0).command) },
        Reader("index-list") { view in
            guard let text = view.text() else { return }
            blackHole(IndexList.text(try IndexList.parse(text)))
        },
        Reader("schedule", ending: "yaml") { blackHole(try ScheduleFile(path: $0)) },
        Reader("options") { view in
            guard let text = view.text() else { return }
            let file = try YAMLOptions(text: text, file: "f")
            let record = try OptionRecord(file, schema: FuzzedOptions.schema, ignoring: ["family"])
            blackHole((record.arguments, YAMLOptions.text(record.yaml)))
        },
        Reader("checkpoint", ending: "safetensors") { path in
            let model = try ModelCheckpoint.load(path)
            blackHole((model.sizes, model.sha256, model.weights.map { $0.tensor.halved() }))
        },
        Reader("plugin", ending: "so") { path in
            try? FileSystem.remove(PluginSideFile.path(of: path))
            let plugin = try PluginFile(path: path)
            blackHole(("\(String(describing: plugin.tag))", plugin.obstacle(), plugin.tag?.swiftVersion))
        },
        Reader("plugin-side-file", ending: "genera-plugin.json") { path in
            let library = "\(Scratch.folder)/libfile.so"
            if let side = try PluginSideFile.read(of: library) {
                let tag = PluginTag(side.tag)
                blackHole((tag?.swiftVersion, tag?.mismatch(with: .current)))
            }
        },
        Reader("plugin-tag") { view in
            guard let text = view.text(), let tag = PluginTag(text, core: text) else { return }
            blackHole((tag.description, tag.swiftVersion, tag.mismatch(with: .current)))
        },
    ]

    private static func readSamples<Sample: Drawable>(_ type: Sample.Type, _ path: String) throws {
        let source = try Sample.source(at: path)
        blackHole((source.classes, source.remarks))
        blackHole(try source.samples(Array(0..<min(source.count, 16))))
    }

    private static func readArrays(_ path: String) throws {
        let array = try ImageArray(path)
        guard array.layout.size < 1 << 22 else { return }
        blackHole((array.classes, array.classNames))
        blackHole(try array.samples(Array(0..<min(array.count, 4))))
        blackHole(try array.pixels(min(array.count, 4)))
    }
}

/// Options of every kind, for files of options.
private struct FuzzedOptions: ParsableArguments {
    @Option var steps = 18
    @Option(name: .customShort("D")) var dimension = 2048
    @Option var levels: [Double] = []
    @Flag(inversion: .prefixedNo) var churn = true
    @Flag var exact = false
    @Argument var input = ""

    // swift-format-ignore: NeverForceUnwrap
    static let schema = try! OptionSchema(FuzzedOptions.self)
}

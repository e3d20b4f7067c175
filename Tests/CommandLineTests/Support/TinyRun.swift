import Foundation
import Genera
import Testing

/// A model of four classes of 8x8 pictures, trained for two steps on random pixels: enough to be loaded and drawn from.
enum TinyRun {
    /// The options of the training.
    static let configuration = """
        family: pfgmpp
        data: tiny.zip
        cbase: 16
        cres: 1,1
        nblock: 1
        attn-resolutions: none
        cond: true
        batch-size: 8
        micro-batch: 4
        steps: 2
        checkpoint-every: 1
        preview-every: 0
        log-every: 1
        lr-rampup-kimg: 0

        """

    /// The model's file, made once.
    static let model: Result<[UInt8], any Error> = Result {
        let folder = try Self.folder()
        let outcome = try run("train tiny.yaml --output run -q", in: folder)
        try #require(outcome.status == 0, "\(outcome)")
        return try folder.bytes("run/model.safetensors")
    }

    /// A folder with the data and the options.
    static func folder() throws -> Scratch {
        let folder = try Scratch()
        try folder.write(configuration, to: "tiny.yaml")
        try writeData(to: folder.file("tiny.zip"), side: 8)
        return folder
    }

    /// A folder with the model `tiny`.
    static func folderWithModel() throws -> Scratch {
        let folder = try Scratch()
        try folder.write(model.get(), to: "tiny.safetensors")
        return folder
    }

    /// Twelve pictures of four classes.
    static func writeData(to path: String, side: Int) throws {
        var state: UInt64 = 1
        try ZipWriter.write(to: path) { archive in
            for number in 0..<12 {
                let bytes = (0..<side * side).map { _ -> UInt8 in
                    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    return UInt8(state >> 56)
                }
                let image = Image(width: side, height: side, channels: 1, bytes: bytes)
                try archive.add("img\(number).png", PNG.encode(image))
            }
            let labels = (0..<12).map { "[\"img\($0).png\", \($0 % 4)]" }.joined(separator: ", ")
            try archive.add("dataset.json", Array("{\"labels\": [\(labels)]}".utf8))
        }
    }

    /// Writes the model with its tensors or metadata changed.
    static func rewrite(
        in folder: Scratch, as name: String,
        _ change: (inout [(name: String, tensor: RawTensor)], inout [String: String]) throws -> Void
    ) throws {
        let file = try Safetensors(ByteView(model.get()), file: "tiny.safetensors")
        var (tensors, metadata) = (try file.tensors, file.metadata)
        try change(&tensors, &metadata)
        try Safetensors.write(tensors, metadata: metadata, to: folder.file(name))
    }
}

import Genera

extension PFGMPP {
    /// A model from the reference's own files, averaged weights.
    public static func convert(_ file: String, context: RunContext) throws -> ModelCheckpoint {
        let snapshot = try ReferenceSnapshot(path: file)
        return ModelCheckpoint(
            family: name, configuration: try snapshot.configuration.json(), weights: snapshot.weights,
            metadata: ["genera.source": file])
    }

    /// The checkpoint of a name, with its file for messages. It may be one of the reference's own files, which is read as it is;
    /// nothing in it is executed.
    ///
    /// - Parameter name: nil for the family's own model.
    /// - Throws: `GeneraError` and `FormatError`, as the readers do.
    static func model(named name: String?, context: RunContext) throws -> (checkpoint: ModelCheckpoint, file: String) {
        var context = context
        context.checkpoint = name
        if let name {
            let path = try context.checkpoints.path(of: name)
            if try isForeign(path) { return (try convert(path, context: context), path) }
        }
        let checkpoint = try context.model(of: PFGMPP.self)
        return (checkpoint, checkpoint.path)
    }

    /// Whether a file is a pickle or an archive of PyTorch, by its first bytes or, for a damaged one, its ending.
    private static func isForeign(_ path: String) throws -> Bool {
        if [".pkl", ".pt", ".pth"].contains(where: path.hasSuffix) { return true }
        let view = try MappedFile(path: path).view
        guard view.count > 8 else { return false }
        // The ninth byte of a safetensors file is the brace of its header.
        return (view[0] == 0x80 && view[8] != 0x7B) || (view[0] == 0x50 && view[1] == 0x4B)
    }
}

import Formats
import Platform

extension Registry {
    /// The families that recognise a file or folder as a model of theirs by its content, with the format.
    ///
    /// - Throws: `FormatError` for a file that cannot be opened.
    public func formats(of path: String) throws -> [(family: any ModelFamily.Type, format: ModelFormat)] {
        let content = FileSystem.isFolder(path) ? nil : try MappedFile(path: path).view
        return families.compactMap { family in
            family.modelFormats.first { $0.recognises(path, content) }.map { (family, $0) }
        }
    }
}

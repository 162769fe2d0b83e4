"""What stands in a strip: readers, decoder, pooling over photographs."""

require "sub/mod"
